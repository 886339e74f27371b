// The service worker of `isoblob/sw`, in Chromium, before the real server and one that lies.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { BlobClient, blobId } from "isoblob";

import { openPage, startBrowser } from "./browser.js";
import { Front, entryUrl } from "./front.js";
import { startIsoblob } from "./isoblob.js";

/** The example of the documentation, as it stands there. */
const DECLARATIONS = new URL("dist/types/sw.d.ts", import.meta.resolve("isoblob/package.json"));
const [, EXAMPLE] = /```js\n(.*?)```/s.exec((await readFile(DECLARATIONS, "utf8")).replace(/^ *\* ?/gm, ""));

const scriptOf = (code) => code.replace('"isoblob/sw"', JSON.stringify(entryUrl("./sw")));

let isoblob, front, browser, tab;

before(async () => {
  isoblob = await startIsoblob();
  front = await Front.before(isoblob.origin);
  browser = await startBrowser();
});

beforeEach(async () => {
  tab = await openPage(browser);
  await tab.page.goto(front.testPage);
});

afterEach(async () => {
  await tab.close();
  front.reset();
});

after(async () => {
  await browser?.close();
  await front?.stop();
  await isoblob?.stop();
});

/** Lets a service worker take over the page. */
async function install(code = EXAMPLE) {
  front.scripts["/sw.js"] = scriptOf(code);
  await tab.page.evaluate(async () => {
    await navigator.serviceWorker.register("/sw.js", { type: "module", scope: "/" });
    await navigator.serviceWorker.ready;
  });
  await tab.page.reload();
  assert.ok(await tab.page.evaluate(() => navigator.serviceWorker.controller !== null), "the page is controlled");
  front.requests = [];
}

/** A fetch of the page past the browser's own cache: its status and text, or `failed`. */
const fetched = (id, { accept = "application/octet-stream", ...headers } = {}) =>
  tab.page.evaluate(
    async ([url, headers]) => {
      try {
        const answer = await fetch(url, { headers, cache: "no-store" });
        return { status: answer.status, type: answer.headers.get("x-blob-type"), text: await answer.text() };
      } catch {
        return "failed";
      }
    },
    [`/api/v1/blobs/${id}`, { accept, ...headers }],
  );

/** Waits until the ids of what is kept are these. */
const keeps = (...ids) =>
  tab.page.waitForFunction(
    async (expected) => {
      const names = (await caches.keys()).filter((name) => name.startsWith("isoblob-blobs-"));
      const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      const found = kept.flat().map((request) => request.url.split("/").at(-1));
      return JSON.stringify(found) === JSON.stringify(expected);
    },
    ids,
    { timeout: 10_000 },
  );

const put = (text) => new BlobClient(`${isoblob.origin}/api/v1/blobs`).put(text);

test("answers with what it verified, and keeps it", async () => {
  const id = await put('{"kept": true}');
  await install();
  const expected = { status: 200, type: "data", text: '{"kept":true}' };
  assert.deepEqual(await fetched(id), expected);
  assert.equal(front.requests.length, 1);
  await keeps(id);
  assert.deepEqual(await fetched(id), expected);
  assert.equal(front.requests.length, 1, "the server is asked once");
  const text = await tab.page.evaluate(async (id) => {
    const { BlobClient } = await import("isoblob");
    return (await new BlobClient("/api/v1/blobs").get(id)).text();
  }, id);
  assert.equal(text, '{"kept":true}');
  assert.equal(front.requests.length, 1);
});

test("hands out nothing that does not hash to its id, and keeps none of it", async () => {
  const id = await put('{"true": 1}');
  await install();
  front.tamper = (answer) => ({ ...answer, body: Buffer.from('{"true":2}') });
  assert.equal(await fetched(id), "failed");
  front.reset();
  assert.deepEqual(await fetched(id), { status: 200, type: "data", text: '{"true":1}' });
  await keeps(id);
});

test("hands on what the server refuses, and leaves other requests alone", async () => {
  const id = await put('{"other": 1}');
  await install();
  const missing = await fetched(blobId('"missing"'));
  assert.deepEqual([missing.status, JSON.parse(missing.text).reason], [404, "not_found"]);
  const envelope = await fetched(id, { accept: "application/json" });
  assert.deepEqual(JSON.parse(envelope.text), { data: { other: 1 }, blobType: "data", blobId: id });
  assert.equal((await fetched(id, { range: "bytes=0-1" })).text, '{"');
  await keeps();
});

test("sends the token of a request on", async () => {
  const id = await put('{"token": 1}');
  await install();
  let sent;
  front.tamper = (answer) => {
    sent = answer.sent.authorization;
    return answer;
  };
  await fetched(id, { authorization: "Bearer secret" });
  assert.equal(sent, "Bearer secret");
});

test("keeps no more than was said: what was kept first goes first, and what is too large is not kept", async () => {
  const ids = [];
  for (const name of ["a", "b", "c"]) ids.push(await put(JSON.stringify([name, "x".repeat(40_000)])));
  const large = await put(JSON.stringify("x".repeat(70_000)));
  await install(EXAMPLE.replace("{ maxBytes: 256 * 2 ** 20 }", "{ maxBytes: 100_000, maxBlobBytes: 60_000 }"));
  await fetched(ids[0]);
  await keeps(ids[0]);
  await fetched(ids[1]);
  await keeps(ids[0], ids[1]);
  assert.equal((await fetched(large)).text.length, 70_002);
  await fetched(ids[2]);
  await keeps(ids[1], ids[2]);
});

test("drops what older versions kept, and nothing of others", async () => {
  await tab.page.evaluate(async () => {
    for (const name of ["isoblob-blobs-v0", "isoblob-blobs-v1", "isoblob-other", "another"]) await caches.open(name);
  });
  await install();
  await tab.page.waitForFunction(async () => !(await caches.has("isoblob-blobs-v0")));
  const names = await tab.page.evaluate(() => caches.keys());
  assert.deepEqual(names.sort(), ["another", "isoblob-blobs-v1", "isoblob-other"]);
});
