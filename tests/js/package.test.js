// The npm package, in Node and in Chromium: the shared vectors, and the client against a server that is made to lie.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";

import { openPage, startBrowser } from "./browser.js";
import { Front } from "./front.js";
import { startIsoblob } from "./isoblob.js";
import { inNode, inPage } from "./callers.js";
import { vectors } from "./vectors.js";

const RAW = { accept: "application/octet-stream" };

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

let isoblob, front, browser, tab;

before(async () => {
  isoblob = await startIsoblob();
  front = await Front.before(isoblob.origin);
  browser = await startBrowser();
  tab = await openPage(browser);
  await tab.page.goto(front.testPage);
});

afterEach(() => front.reset());

after(async () => {
  await browser?.close();
  await front?.stop();
  await isoblob?.stop();
});

const RUNTIMES = { Node: () => inNode, Chromium: () => inPage(tab.page) };

for (const [runtime, caller] of Object.entries(RUNTIMES)) {
  const call = (...args) => caller()(...args);
  const put = (text, options) => call("exchanges", "put", front.blobs, text, options);
  const get = (id) => call("exchanges", "get", front.blobs, id);

  describe(`in ${runtime}`, () => {
    test("every canonical form and id of the vectors", async () => {
      assert.ok(vectors.canonical.length >= 100, "there are vectors");
      const verdicts = await call("verdicts", "verdicts", vectors.canonical);
      for (const [index, { name, canonical, id }] of vectors.canonical.entries()) {
        assert.deepEqual(verdicts[index], { id, canonical }, name);
      }
    });

    test("every refusal of the vectors, of the same kind, at the same place", async () => {
      assert.ok(vectors.refused.length >= 100, "there are vectors");
      const verdicts = await call("verdicts", "verdicts", vectors.refused);
      for (const [index, { name, kind, offset, line, column, pointer }] of vectors.refused.entries()) {
        const { code, ...at } = verdicts[index];
        assert.deepEqual(
          [name, code, at.offset, at.line, at.column, at.pointer],
          [name, kind, offset, line, column, pointer],
        );
      }
    });

    test("what JSON.stringify writes of numbers is canonical, and doubles come back as they went in", async () => {
      const result = await call("exchanges", "changedDoubles", front.blobs, 20_000, 8785);
      assert.deepEqual(result, { count: 20_000, changed: [], verbatim: true });
    });

    test("decimals with more digits than a double has are spelled as the runtime spells them", async () => {
      const decimals = await call("verdicts", "respelledDecimals", 100_000, 8785);
      assert.deepEqual(decimals, { count: 100_000, wrong: [] });
    });

    test("integers past 2^53 keep every digit", async () => {
      const integers = ["505874924095815681", "9007199254740993", "-18446744073709551617", "1".repeat(300)];
      for (let bits = 53; bits < 1024; bits += 7) integers.push(String(2n ** BigInt(bits) + 1n));
      const text = `[${integers.join(",")}]`;
      const { id } = await put(text);
      assert.equal((await get(id)).text, text);
    });

    test("a put is canonical, and what is got is verified", async () => {
      const { id } = await put('{ "b": 1.0, "a": "\\u00e9" }');
      assert.equal(id, sha256('{"a":"é","b":1}'));
      assert.deepEqual(await put('{"a":"é","b":1}'), { id });
      assert.deepEqual(await get(id), { id, type: "data", text: '{"a":"é","b":1}' });
      const answer = await fetch(`${isoblob.origin}/api/v1/blobs/${id}`, { headers: RAW });
      assert.equal(sha256(Buffer.from(await answer.arrayBuffer())), id);
    });

    test("a flow is stored as one", async () => {
      const flow = '{"steps":[{"component":"/a/b","id":"one"}]}';
      const { id } = await put(flow, { type: "flow" });
      assert.deepEqual(await get(id), { id, type: "flow", text: flow });
      const refused = await put('{"steps":[{"id":"one"}]}', { type: "flow" });
      assert.equal(refused.code, "invalid_flow");
    });

    test("a faulty text is never sent", async () => {
      front.reset();
      const { code, line, column, pointer } = await put('{"a": 1,\n "a": 2}');
      assert.deepEqual([code, line, column, pointer], ["duplicate_key", 2, 2, "/a"]);
      assert.deepEqual(front.requests, []);
    });

    test("long strings of characters of every length have the ids of their UTF-8, wherever they are cut", async () => {
      const characters = ["a", "é", "€", "😀", "abcdefghijklmnopqrstuvwxyz", "\u07ff\u0800\uffff\u{10000}\u{10ffff}"];
      const texts = [];
      for (let length = 2 ** 14 - 40; length <= 2 ** 14 + 40; length += 1) {
        // Cut in pieces of 2^13 units, each text has another character at the cuts.
        const turned = [...characters.slice(length % 6), ...characters.slice(0, length % 6)].join("");
        const string = turned.repeat(length / turned.length + 1).slice(0, length);
        texts.push(JSON.stringify(string.toWellFormed()));
      }
      const { ids, encoded } = await call("verdicts", "wideIds", texts);
      assert.deepEqual(ids, texts.map(sha256));
      // What Chromium has built in is used there; Node 20 does not have it.
      if (runtime === "Chromium") assert.equal(encoded, 0);
    });

    test("half of a surrogate pair in a string is refused, not replaced", async () => {
      for (const text of ['"\ud800"', '["é",\n "😀\udc00"]', "\udfff"]) {
        const { code, offset, line, column } = await put(text);
        const at = text.search(/\p{Surrogate}/u);
        const before = text.slice(0, at);
        assert.equal(code, "lone_surrogate");
        assert.equal(offset, Buffer.byteLength(before));
        assert.deepEqual([line, column], [before.split("\n").length, [...before.split("\n").at(-1)].length + 1]);
      }
      // The same as escapes is refused by the canonical form itself, and a whole pair is a character like any other.
      assert.equal((await put('"\\ud800"')).code, "lone_surrogate");
      assert.equal((await put('"\ud83d\ude00"')).id, sha256('"😀"'));
    });

    test("ids that are none are not asked for, and what is not there is not found", async () => {
      front.reset();
      for (const id of ["", "abc", "0".repeat(63), "A".repeat(64), "../".repeat(21) + "."]) {
        assert.equal((await get(id)).code, "invalid_id", id);
      }
      assert.deepEqual(front.requests, []);
      const { code, status } = await get("0".repeat(64));
      assert.deepEqual([code, status], ["not_found", 404]);
    });

    describe("a server that lies about a blob is refused", () => {
      // A text for each test, so that nothing of one is in the browser's cache in the next.
      let sequence = 0;
      const order = () => `{"amount":100,"order":"${runtime}-${sequence++}","to":"Zoë"}`;
      const flip = (body, at, bit) => Buffer.from(body.with(at, body[at] ^ bit));

      const LIES = {
        "its first byte": (body) => flip(body, 0, 0x01),
        "one bit in the middle": (body) => flip(body, body.length >> 1, 0x80),
        "its last byte": (body) => flip(body, body.length - 1, 0x20),
        "its end": (body) => body.subarray(0, -1),
        "all of it": () => Buffer.alloc(0),
        "one byte more": (body) => Buffer.concat([body, Buffer.from("\n")]),
        "another blob": () => Buffer.from('{"amount":900,"to":"Zoë"}'),
        "the same data in another form": (body) => Buffer.from(JSON.stringify(JSON.parse(body), null, 1)),
        "a byte-order mark before it": (body) => Buffer.concat([Buffer.from("\ufeff"), body]),
        "an envelope around it": (body) => Buffer.from(`{"data":${body},"blobType":"data","blobId":"${sha256(body)}"}`),
      };

      for (const [what, lie] of Object.entries(LIES)) {
        test(what, async () => {
          const text = order();
          const { id } = await put(text);
          front.tamper = (answer) => ({ ...answer, body: lie(answer.body) });
          const { name, code, expected, actual } = await get(id);
          const told = sha256(lie(Buffer.from(text)));
          assert.deepEqual([name, code, expected, actual], ["BlobError", "mismatch", id, told]);
        });
      }

      test("but a lie does not stay in the cache", async () => {
        const text = order();
        const { id } = await put(text);
        front.tamper = (answer) => ({ ...answer, body: flip(answer.body, 0, 0x01) });
        assert.equal((await get(id)).code, "mismatch");
        front.reset();
        assert.equal((await get(id)).text, text, "the truth is believed again");
      });

      test("a connection that ends too early", async () => {
        const { id } = await put(order());
        front.tamper = (answer) => ({ ...answer, cut: true });
        assert.equal((await get(id)).code, "network");
      });

      test("its type is what the server says, and no more", async () => {
        const text = order();
        const { id } = await put(text);
        front.tamper = (answer) => ({ ...answer, headers: { ...answer.headers, "x-blob-type": "binary" } });
        assert.deepEqual(await get(id), { id, type: "binary", text });
      });
    });

    test("a server that lies about a put is refused", async () => {
      const text = '["stored"]';
      const lies = {
        mismatch: { blobId: sha256("another") },
        invalid_answer: { blobId: "A".repeat(64) },
      };
      for (const [expected, body] of Object.entries(lies)) {
        front.tamper = (answer) => ({ ...answer, body: Buffer.from(JSON.stringify(body)) });
        const { code, ...fault } = await put(text);
        assert.equal(code, expected);
        if (code === "mismatch") assert.deepEqual([fault.expected, fault.actual], [sha256(text), body.blobId]);
      }
      for (const body of ["", "{}", "[]", "not JSON", '{"blobId":7}']) {
        front.tamper = (answer) => ({ ...answer, body: Buffer.from(body) });
        assert.equal((await put(text)).code, "invalid_answer", body);
      }
    });

    test("what a server refuses carries its reason", async () => {
      const answers = [
        [503, "text/html", "<h1>busy</h1>", { code: "http", status: 503 }],
        [500, "application/json", '{"code":500,"message":"no","reason":"internal"}', { code: "internal", status: 500 }],
        [
          413,
          "application/json",
          '{"code":413,"message":"no","reason":"body_too_large"}',
          { code: "body_too_large", status: 413 },
        ],
      ];
      const { id } = await put("{}");
      for (const [status, type, body, expected] of answers) {
        front.tamper = (answer) => ({ ...answer, status, headers: { "content-type": type }, body: Buffer.from(body) });
        for (const fault of [await put("{}"), await get(id)]) {
          assert.deepEqual({ code: fault.code, status: fault.status }, expected);
        }
      }
    });
  });
}

test("both runtimes say the same of every vector", async () => {
  for (const texts of [vectors.canonical, vectors.refused]) {
    // Members that are undefined do not come out of the page.
    const node = JSON.parse(JSON.stringify(inNode("verdicts", "verdicts", texts)));
    const page = JSON.parse(JSON.stringify(await inPage(tab.page)("verdicts", "verdicts", texts)));
    assert.deepEqual(page, node);
  }
});
