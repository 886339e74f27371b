// What the npm package makes of JavaScript's values, of numbers, of files and of pairs of texts.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";

import * as isoblob from "isoblob";
import { explain, explainText, validateFlow } from "isoblob/inspect";
import * as manual from "isoblob/manual";

import { doubles } from "./exchanges.js";

const { BlobError, blobId, blobIdAsync, blobIdOfValue, canonicalize, findReferences, parse, roundedNumbers, stringify } =
  isoblob;

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

/** The error that a function throws, of which these members are told. */
function refusal(run, members = ["code", "message", "pointer"]) {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof BlobError, error);
    return members.map((name) => error[name]);
  }
  throw new Error("it was not refused");
}

describe("values", () => {
  const rows = [
    [null, "null"],
    [true, "true"],
    ["é\n", '"é\\n"'],
    [-0, "0"],
    [1e21, "1e+21"],
    [505874924095815681n, "505874924095815681"],
    [-(2n ** 70n), "-1180591620717411303424"],
    [[1, [], {}], "[1,[],{}]"],
    [{ b: 1, a: [2n] }, '{"a":[2],"b":1}'],
    [new Map([["z", new Map([["y", 1]])], ["a", 2]]), '{"a":2,"z":{"y":1}}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [JSON.parse('{"__proto__": {"a": 1}}'), '{"__proto__":{"a":1}}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [{ toJSON: (key) => `the key is ${key}` }, '"the key is "'],
    [{ a: { toJSON: (key) => `the key is ${key}` } }, '{"a":"the key is a"}'],
  ];
  for (const [value, canonical] of rows) {
    test(canonical, () => {
      assert.equal(canonicalize(stringify(value)), canonical);
      assert.equal(blobIdOfValue(value), sha256(canonical));
    });
  }

  class Order {}
  const cyclic = { a: [] };
  cyclic.a.push(cyclic);
  const half = "\ud800";
  const refused = [
    [undefined, "undefined is not JSON", ""],
    [{ a: undefined }, "undefined is not JSON, in `/a`", "/a"],
    [[1, { "x/y~": () => {} }], "a function is not JSON, in `/1/x~1y~0`", "/1/x~1y~0"],
    [[Symbol("s")], "a symbol is not JSON, in `/0`", "/0"],
    [[0, Number.NaN], "NaN is not JSON, in `/1`", "/1"],
    [{ a: -Infinity }, "-Infinity is not JSON, in `/a`", "/a"],
    [[1, , 3], "undefined is not JSON, in `/1`", "/1"],
    [{ a: new Order() }, "an instance of Order is not JSON, in `/a`", "/a"],
    [{ a: new Set([1]) }, "an instance of Set is not JSON, in `/a`", "/a"],
    [new Uint8Array(3), "an instance of Uint8Array is not JSON", ""],
    [new Map([[1, 2]]), "a key that is no string is not JSON", ""],
    [{ [Symbol("s")]: 1 }, "the key Symbol(s) is not JSON", ""],
  ];
  for (const [value, message, pointer] of refused) {
    test(`not ${message}`, () => {
      assert.deepEqual(refusal(() => stringify(value)), ["not_json", message, pointer]);
      assert.deepEqual(refusal(() => blobIdOfValue(value)), ["not_json", message, pointer]);
    });
  }

  test("not half of a surrogate pair, in a value or in a key", () => {
    const message = "the string holds half of a surrogate pair, in `/a`";
    assert.deepEqual(refusal(() => stringify({ a: half })), ["lone_surrogate", message, "/a"]);
    assert.deepEqual(refusal(() => stringify({ a: { [half]: 1 } })), ["lone_surrogate", message, "/a"]);
  });

  test("not what contains itself, and 127 containers but not 128", () => {
    assert.equal(refusal(() => stringify(cyclic))[0], "too_deep");
    const nested = (depth) => (depth === 0 ? 1 : [nested(depth - 1)]);
    assert.equal(stringify(nested(127)), "[".repeat(127) + 1 + "]".repeat(127));
    const message = "more than 127 containers, one inside the other";
    assert.deepEqual(refusal(() => stringify(nested(128))).slice(0, 2), ["too_deep", message]);
  });

  test("as JSON.stringify writes them", () => {
    for (const value of [doubles(1000, 1), [{ "": [], "\u2028": "\u{1f600}", 7: 1 }], "\x7f\x00\\\""]) {
      assert.equal(stringify(value), JSON.stringify(value));
      assert.deepEqual(parse(stringify(value), { numbers: "plain" }), value);
    }
  });
});

describe("numbers", () => {
  const text = '{"a/b": [505874924095815681, 9007199254740993, 9007199254740992, -12], "n": 0.1, "s": "9007199254740993"}';

  test("are lossless unless told otherwise", () => {
    assert.deepEqual(parse(text), {
      "a/b": [505874924095815681n, 9007199254740993n, 9007199254740992n, -12],
      n: 0.1,
      s: "9007199254740993",
    });
  });

  test("are JSON.parse's where it is asked for", () => {
    assert.deepEqual(parse(text, { numbers: "plain" }), JSON.parse(text));
  });

  test("that JSON.parse rounds are told", () => {
    assert.deepEqual(roundedNumbers(text), ["/a~1b/0", "/a~1b/1"]);
    assert.deepEqual(roundedNumbers("[1, 2.5]"), []);
    // It is 2^64, but comes back as 18446744073709552000, which has another id.
    assert.deepEqual(roundedNumbers("18446744073709551616"), [""]);
  });

  test("come back from the texts that are parsed", () => {
    const canonical = canonicalize(text);
    assert.equal(canonicalize(stringify(parse(text))), canonical);
    const value = parse('{"__proto__": 9007199254740993, "\\"\\\\": ["\\\\", "\\"", {}, [], "]"]}');
    assert.deepEqual(Object.entries(value), [['"\\', ["\\", '"', {}, [], "]"]], ["__proto__", 9007199254740993n]]);
  });

  test("of any length are the nearest double, as the engine finds it", () => {
    const literals = doubles(2000, 754).flatMap((double) => [double.toExponential(16), double.toExponential(24)]);
    for (let scale = 1; scale < 100; scale += 1) literals.push(`0.${"0".repeat(scale)}${"123456789".repeat(scale)}`);
    literals.push("5e-324", "2.4703282292062328e-324", "1.7976931348623158e308", "1e22", "1e23", "0e999999999999");
    literals.push("9007199254740993.0000000000000000000000000000000001", "1e-999999999999", `1${"0".repeat(300)}e-300`);
    for (const literal of literals) assert.equal(canonicalize(literal), String(Number(literal)), literal);
  });
});

describe("keys", () => {
  test("of large objects are sorted by UTF-16 code units", () => {
    for (const count of [2, 3, 50, 1000, 20_000]) {
      const keys = Array.from({ length: count }, (_, index) => `${((index * 7919) % count).toString(36)}\u{1f600}\ufffd`);
      const expected = JSON.stringify(Object.fromEntries([...new Set(keys)].sort().map((key) => [key, key])));
      const entries = [...new Set(keys)].map((key) => `${JSON.stringify(key)}:${JSON.stringify(key)}`);
      assert.equal(canonicalize(`{${entries}}`), expected);
    }
  });
});

describe("contents", () => {
  test("of every size have one id, whoever hashes", async () => {
    manual.initSync(readFileSync(new URL(import.meta.resolve("isoblob/isoblob.wasm"))));
    for (const size of [0, 1, 63, 64, 65, 2047, 2048, 2 ** 15, 2 ** 16 - 1, 2 ** 16, 2 ** 16 + 1, 200_001]) {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index * 7);
      const text = JSON.stringify("x".repeat(size));
      assert.equal(blobId(bytes), sha256(bytes));
      assert.equal(await blobIdAsync(bytes), sha256(bytes));
      assert.equal(blobId(text), sha256(text));
      assert.equal(await blobIdAsync(text), sha256(text));
      assert.equal(await isoblob.hashFile(new Blob([bytes])), sha256(bytes));
    }
  });

  test("that are neither strings nor bytes are a TypeError", () => {
    for (const content of [undefined, null, 1, {}, [], new ArrayBuffer(1), new Uint16Array(1)]) {
      const error = { name: "TypeError", message: "the content must be a string or a Uint8Array" };
      assert.throws(() => blobId(content), error);
      assert.throws(() => canonicalize(content), error);
    }
    assert.throws(() => isoblob.verify(1, "{}"), { name: "TypeError", message: "the id must be a string" });
  });

  test("beyond 256 MiB are refused before they are copied", () => {
    const huge = new Uint8Array(2 ** 28 + 1);
    const message = `the text has ${2 ** 28 + 1} bytes, and the limit is ${2 ** 28}`;
    assert.deepEqual(refusal(() => canonicalize(huge)), ["too_large", message, undefined]);
  });
});

describe("files", () => {
  const PIECE = new Uint8Array(2 ** 16).fill(7);

  /** A stream of so many pieces, which are made as they are asked for. */
  const stream = (pieces) => {
    let left = pieces;
    return new ReadableStream({ pull: (to) => (left-- > 0 ? to.enqueue(PIECE) : to.close()) }, { highWaterMark: 0 });
  };

  test("are hashed in constant memory", async () => {
    const pieces = 4096;
    const expected = createHash("sha256");
    for (let piece = 0; piece < pieces; piece += 1) expected.update(PIECE);
    const before = process.memoryUsage().rss;
    assert.equal(await isoblob.hashFile(stream(pieces)), expected.digest("hex"));
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 96 * 2 ** 20, `the memory grew by ${grown} bytes for 256 MiB`);
  });

  test("tell how far they are", async () => {
    const told = [];
    const onProgress = (progress) => told.push(progress);
    await isoblob.hashFile(stream(2), { onProgress });
    assert.deepEqual(told, [{ loaded: 65536 }, { loaded: 131072 }]);
    told.length = 0;
    await isoblob.hashFile(new Blob(["abc"]), { onProgress });
    assert.deepEqual(told, [{ loaded: 3, total: 3 }]);
  });

  test("are left in the middle when a signal says so, and when what follows the progress fails", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    let cancelled;
    const endless = new ReadableStream({ pull: (to) => to.enqueue(PIECE), cancel: (why) => void (cancelled = why) });
    const onProgress = ({ loaded }) => loaded > 10 * PIECE.length && controller.abort(reason);
    await assert.rejects(isoblob.hashFile(endless, { signal: controller.signal, onProgress }), reason);
    assert.equal(cancelled, reason);
    await assert.rejects(isoblob.hashFile(stream(1), { signal: AbortSignal.abort(reason) }), reason);
    const failing = () => {
      throw reason;
    };
    await assert.rejects(isoblob.hashFile(stream(9), { onProgress: failing }), reason);
  });
});

describe("looking into texts", () => {
  test("says where two differ", () => {
    const explanation = explain('{"a": 1.0, "b": [1, "x"]}', '{"b": ["1", "x", null], "c": {}, "a": 1}');
    assert.deepEqual(explanation, {
      one: blobId('{"a":1,"b":[1,"x"]}'),
      other: blobId('{"a":1,"b":["1","x",null],"c":{}}'),
      count: 3,
      differences: [
        { pointer: "/b/0", kind: "type", from: "number", to: "string" },
        { pointer: "/b/2", kind: "added" },
        { pointer: "/c", kind: "added" },
      ],
    });
  });

  test("says which text is at fault", () => {
    const found = refusal(() => explain("{}", '{"a":1,"a":2}'), ["code", "side", "line", "column", "pointer", "message"]);
    const message = "the second text: the object has this key already, at line 1 column 8 (byte 7), in `/a`";
    assert.deepEqual(found, ["duplicate_key", "other", 1, 8, "/a", message]);
  });

  test("says what canonicalization changes", () => {
    assert.deepEqual(explainText('{"b": 1.0, "a": 2}'), [
      { kind: "whitespace", count: 3, offset: 5, line: 1, column: 6, pointer: "/b" },
      { kind: "member_order", count: 1, offset: 11, line: 1, column: 12, pointer: "/a" },
      { kind: "number_spelling", count: 1, offset: 6, line: 1, column: 7, pointer: "/b" },
    ]);
  });

  test("knows flows", () => {
    assert.equal(validateFlow('{"steps": [{"id": "one", "component": "/a/b"}]}'), undefined);
    assert.deepEqual(refusal(() => validateFlow('{"steps": [{"id": "one"}]}'), ["code", "pointer"]), ["invalid_flow", "/steps/0"]);
  });

  test("finds references", () => {
    const [one, other] = [blobId("[]"), blobId("{}")];
    const text = `{"z": {"$blob": "${one}", "blobType": "flow", "size": 12}, "a": [{"$blob": "${other}"}], "no": {"$blob": 1}}`;
    assert.deepEqual(findReferences(text), [
      { pointer: "/a/0", id: other, blobType: "data" },
      { pointer: "/z", id: one, blobType: "flow", size: 12 },
    ]);
    assert.deepEqual(findReferences(new TextEncoder().encode("[]")), []);
  });
});
