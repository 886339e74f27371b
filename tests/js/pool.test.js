// The worker pool, in Node and in Chromium.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { BlobError, blobId, canonicalize } from "isoblob";
import { WorkerPool } from "isoblob/pool";

import { openPage, startBrowser } from "./browser.js";
import { Front } from "./front.js";

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/** A text of about so many bytes, with its members in the wrong order. */
const textOf = (bytes) => JSON.stringify(Array.from({ length: bytes / 32 }, (_, id) => ({ name: `Zoë ${id}`, id })));

describe("in Node", () => {
  let pool;

  beforeEach(() => (pool = new WorkerPool({ size: 2 })));

  afterEach(() => pool.close());

  test("the ids of texts, in strings, in bytes and in files", async () => {
    const text = textOf(200_000);
    const bytes = new TextEncoder().encode(text);
    const ids = await Promise.all([text, bytes, new Blob([bytes])].map((content) => pool.textId(content)));
    assert.deepEqual(ids, Array(3).fill(blobId(text)));
    assert.equal(bytes.length, new TextEncoder().encode(text).length, "the bytes stay here");
  });

  test("the canonical form, and the id of bytes", async () => {
    const text = textOf(200_000);
    const { id, bytes } = await pool.canonicalize(text);
    assert.equal(id, blobId(text));
    assert.equal(new TextDecoder().decode(bytes), canonicalize(text));
    assert.equal(await pool.hashFile(bytes), id);
    assert.equal(await pool.hashFile(new Blob([bytes])), id);
  });

  test("errors are BlobErrors, and what comes after them is well", async () => {
    const expected = { name: "BlobError", code: "duplicate_key", line: 1, column: 9, offset: 8, pointer: "/a" };
    await assert.rejects(pool.textId('{"a": 1,"a": 2}'), (error) => {
      assert.ok(error instanceof BlobError);
      const { name, code, line, column, offset, pointer } = error;
      assert.deepEqual({ name, code, line, column, offset, pointer }, expected);
      return true;
    });
    assert.equal(await pool.textId("{}"), sha256("{}"));
  });

  test("progress says what is done, and how far it is", async () => {
    const file = new Blob([textOf(1_000_000)]);
    const told = [];
    await pool.textId(file, { onProgress: (progress) => told.push(progress) });
    assert.deepEqual([...new Set(told.map(({ phase }) => phase))], ["read", "canonicalize", "hash"]);
    for (const phase of ["read", "canonicalize", "hash"]) {
      const last = told.filter((progress) => progress.phase === phase).at(-1);
      assert.equal(last.loaded, last.total, phase);
    }
  });

  test("more jobs than workers are done one after another", async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `[${index}]`);
    assert.deepEqual(await Promise.all(texts.map((text) => pool.textId(text))), texts.map(sha256));
  });

  test("a signal ends a job before, in the middle, and while it waits", async () => {
    const reason = new Error("enough");
    await assert.rejects(pool.textId("{}", { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const onProgress = () => controller.abort(reason);
    const file = new Blob([textOf(1_000_000)]);
    const jobs = Array.from({ length: 5 }, () => pool.textId(file, { signal: controller.signal, onProgress }));
    for (const { status, reason: why } of await Promise.allSettled(jobs)) assert.deepEqual([status, why], ["rejected", reason]);
    assert.equal(await pool.textId("{}"), sha256("{}"));
  });

  test("a pool that is closed ends what it does, and begins nothing", async () => {
    const jobs = Array.from({ length: 3 }, () => pool.textId(textOf(1_000_000)));
    pool.close();
    for (const job of [...jobs, pool.textId("{}")]) await assert.rejects(job, { message: "the pool is closed" });
  });
});

describe("in Chromium", () => {
  let front, browser, tab;

  before(async () => {
    front = await Front.before("http://127.0.0.1:9");
    browser = await startBrowser();
    tab = await openPage(browser);
    await tab.page.goto(front.testPage);
  });

  after(async () => {
    await browser?.close();
    await front?.stop();
  });

  test("a page runs on while 30 MB are canonicalized", async () => {
    const found = await tab.page.evaluate(async () => {
      const [{ WorkerPool }, { blobId }] = await Promise.all([import("isoblob/pool"), import("isoblob")]);
      const text = JSON.stringify(Array.from({ length: 1_000_000 }, (_, id) => ({ name: `Zoë ${id}`, id })));
      const file = new Blob([text]);
      const pool = new WorkerPool();
      let turns = 0;
      let isDone = false;
      const turn = () => {
        turns += 1;
        if (!isDone) setTimeout(turn);
      };
      turn();
      const during = [];
      const phases = new Set();
      const onProgress = ({ phase, loaded, total }) => {
        phases.add(phase);
        if (phase === "canonicalize") during.push(turns);
        if (!(loaded <= total)) throw new Error(`${phase}: ${loaded} of ${total}`);
      };
      const id = await pool.textId(file, { onProgress });
      isDone = true;
      pool.close();
      return { same: id === blobId(text), phases: [...phases], turns: during.at(-1) - during[0] };
    });
    assert.deepEqual([found.same, found.phases], [true, ["read", "canonicalize", "hash"]]);
    assert.ok(found.turns >= 5, `the page had ${found.turns} turns meanwhile`);
    assert.deepEqual(tab.complaints, []);
  });

  test("a worker that cannot be loaded is an error", async () => {
    await tab.page.route("**/pool-worker.js", (route) => route.abort());
    const message = await tab.page.evaluate(async () => {
      const { WorkerPool } = await import("isoblob/pool");
      return new WorkerPool().textId("{}").catch((error) => error.message);
    });
    assert.equal(message, "the worker of isoblob/pool could not be loaded");
  });
});
