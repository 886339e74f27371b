// Uploads that tell how far they are, in Chromium, whose `XMLHttpRequest` knows.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { BlobClient, blobId } from "isoblob";

import { openPage, startBrowser } from "./browser.js";
import { Front } from "./front.js";
import { startIsoblob } from "./isoblob.js";

const SIZE = 8_000_000;

/** So slow, in bytes a second, that the browser has something to tell on the way. */
const THROUGHPUT = 16_000_000;

let isoblob, front, browser, tab;

before(async () => {
  isoblob = await startIsoblob();
  front = await Front.before(isoblob.origin);
  browser = await startBrowser();
});

beforeEach(async () => {
  tab = await openPage(browser);
  await tab.page.goto(front.testPage);
  const session = await tab.page.context().newCDPSession(tab.page);
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: THROUGHPUT };
  await session.send("Network.emulateNetworkConditions", conditions);
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

/** Stores so many bytes of a value in the page: the id or the error's code, and what was told on the way. */
const put = (fill, { method = "putBinary", size = SIZE, abortAt = Infinity } = {}) =>
  tab.page.evaluate(
    async ([fill, method, size, abortAt]) => {
      const { BlobClient } = await import("isoblob");
      const told = [];
      const controller = new AbortController();
      const onSent = ({ loaded, total }) => {
        told.push([loaded, total]);
        if (loaded >= abortAt) controller.abort(new Error("enough"));
      };
      const options = { onSent, signal: controller.signal, filename: "Zoë.bin" };
      const outcome = new BlobClient("/api/v1/blobs")[method](new Uint8Array(size).fill(fill), options);
      return { outcome: await outcome.catch((error) => error.code ?? error.message), told };
    },
    [fill, method, size, abortAt],
  );

test("an upload tells how much was sent, and of what is there already the end alone", async () => {
  const { outcome, told } = await put(1);
  assert.ok(told.length > 2, `told ${told.length} times`);
  assert.ok(told.every(([loaded, total], at) => total === SIZE && (at === 0 || loaded >= told[at - 1][0])));
  assert.deepEqual(told.at(-1), [SIZE, SIZE]);
  assert.equal(outcome, blobId(new Uint8Array(SIZE).fill(1)));
  assert.ok(await new BlobClient(front.blobs).has(outcome));
  assert.deepEqual(await put(1), { outcome, told: [[SIZE, SIZE]] });
  // The browser itself says that the server did not have it.
  assert.deepEqual(tab.complaints.filter((complaint) => !complaint.includes("404")), []);
});

test("it is tried again when the server wishes, and not before", async () => {
  let refused = 0;
  front.tamper = (answer) => {
    if (answer.method !== "POST" || refused > 0) return answer;
    refused = Date.now();
    return { ...answer, status: 503, headers: { "retry-after": "1" } };
  };
  const { told } = await put(2);
  assert.deepEqual(told.at(-1), [SIZE, SIZE]);
  assert.ok(Date.now() - refused >= 1000);
  assert.deepEqual(front.requests.map((request) => request.split(" ")[0]), ["HEAD", "POST", "POST"]);
});

test("it ends where the caller ends it", async () => {
  const { outcome, told } = await put(3, { abortAt: 1 });
  assert.deepEqual([outcome, told.length], ["enough", 1]);
  assert.ok(told[0][0] < SIZE);
});

test("its errors are those of any put", async () => {
  assert.equal((await put(0x7b, { method: "put", size: 1 })).outcome, "unexpected_end");
  front.tamper = (answer) => ({ ...answer, status: 507, body: Buffer.from('{"code":507,"reason":"store_full"}') });
  assert.equal((await put(4, { size: 100 })).outcome, "store_full");
  await tab.page.route("**/blobs", (route) => route.abort());
  assert.equal((await put(5, { size: 100 })).outcome, "network");
});
