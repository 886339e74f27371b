// The npm package's client: what it asks, when it asks again, when it gives up, and what it makes of many blobs.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, describe, test } from "node:test";

import { BlobClient, BlobError, blobId, canonicalize } from "isoblob";

import { Front } from "./front.js";
import { startIsoblob } from "./isoblob.js";

let isoblob, front;

before(async () => {
  isoblob = await startIsoblob();
  front = await Front.before(isoblob.origin);
});

afterEach(() => front.reset());

after(async () => {
  await front?.stop();
  await isoblob?.stop();
});

const client = (options) => new BlobClient(front.blobs, options);

/** A server that answers each request with the next of some functions, and keeps its headers. */
async function serving(...answers) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    answers[Math.min(requests.length, answers.length) - 1](response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/api/v1/blobs`, requests, stop };
}

/** Runs with a client of such a server. */
async function against(answers, options, run) {
  const server = await serving(...answers);
  try {
    return await run(new BlobClient(server.url, options), server.requests);
  } finally {
    server.stop();
  }
}

const EMPTY = blobId("{}");
const truth = (response) => response.writeHead(200, { "x-blob-type": "data" }).end("{}");
const refuse =
  (status, headers = {}) =>
  (response) =>
    response.writeHead(status, headers).end();
const silence = () => {};
const hangUp = (response) => response.destroy();

const code = (expected, status) => (error) => {
  assert.ok(error instanceof BlobError, error);
  assert.deepEqual([error.code, error.status], [expected, status]);
  return true;
};

describe("another try", () => {
  for (const status of [408, 425, 429, 502, 503, 504]) {
    test(`follows ${status}`, () =>
      against([refuse(status), truth], {}, async (blobs, requests) => {
        assert.equal((await blobs.get(EMPTY)).text(), "{}");
        assert.equal(requests.length, 2);
      }));
  }

  test("follows a connection that broke", () =>
    against([hangUp, truth], {}, async (blobs, requests) => {
      assert.equal((await blobs.get(EMPTY)).text(), "{}");
      assert.equal(requests.length, 2);
    }));

  for (const status of [400, 401, 403, 404, 409, 413, 500]) {
    test(`does not follow ${status}`, () =>
      against([refuse(status), truth], {}, async (blobs, requests) => {
        await assert.rejects(blobs.get(EMPTY), code(status === 404 ? "not_found" : "http", status));
        assert.equal(requests.length, 1);
      }));
  }

  test("comes when the server wishes", () =>
    against([refuse(503, { "retry-after": "1" }), truth], {}, async (blobs) => {
      const start = performance.now();
      await blobs.get(EMPTY);
      assert.ok(performance.now() - start >= 990);
    }));

  test("does not come if the server wishes it too late", () =>
    against([refuse(503, { "retry-after": "3600" }), truth], {}, async (blobs, requests) => {
      await assert.rejects(blobs.get(EMPTY), code("http", 503));
      assert.equal(requests.length, 1);
    }));

  test("comes as often as was said", () =>
    against([refuse(503)], { retries: 2 }, async (blobs, requests) => {
      await assert.rejects(blobs.get(EMPTY), code("http", 503));
      assert.equal(requests.length, 3);
    }));

  test("of a put is a whole put", () =>
    against(
      [hangUp, (response) => response.end(`{"blobId": "${EMPTY}"}`)],
      {},
      async (blobs, requests) => {
        assert.equal(await blobs.put("{}"), EMPTY);
        assert.deepEqual(requests.map((request) => request.method), ["POST", "POST"]);
        assert.equal(requests[1].headers["content-length"], requests[0].headers["content-length"]);
      },
    ));
});

describe("an end", () => {
  test("comes after silence", () =>
    against([silence], { retries: 0, timeoutMs: 30 }, async (blobs) => {
      await assert.rejects(blobs.get(EMPTY), code("timeout"));
      await assert.rejects(blobs.get(EMPTY), { message: "the server said nothing for 30 ms" });
    }));

  test("comes after silence in the middle", () =>
    against([(response) => response.writeHead(200).write("{")], { retries: 0 }, async (blobs) => {
      await assert.rejects(blobs.get(EMPTY, { timeoutMs: 50 }), code("timeout"));
    }));

  test("does not come while bytes do", async () => {
    const slow = (response) => {
      const pieces = [..."{}"];
      const send = () => (pieces.length > 0 ? response.write(pieces.shift(), () => setTimeout(send, 150)) : response.end());
      response.writeHead(200);
      send();
    };
    await against([slow], { retries: 0, timeoutMs: 250 }, async (blobs) => {
      assert.equal((await blobs.get(EMPTY)).text(), "{}");
    });
  });

  test("comes when a signal says so: before, while it waits for an answer, and between two tries", async () => {
    const reason = new Error("enough");
    await against([silence], {}, async (blobs, requests) => {
      await assert.rejects(blobs.get(EMPTY, { signal: AbortSignal.abort(reason) }), reason);
      assert.equal(requests.length, 0);
    });
    for (const answer of [silence, refuse(503, { "retry-after": "15" })]) {
      const controller = new AbortController();
      const answerAndAbort = (response) => {
        answer(response);
        setTimeout(() => controller.abort(reason), 20);
      };
      await against([answerAndAbort], {}, async (blobs) => {
        await assert.rejects(blobs.get(EMPTY, { signal: controller.signal }), reason);
      });
    }
  });

  test("comes with what a progress throws, as it is", () =>
    against([truth], {}, async (blobs, requests) => {
      const mine = new Error("mine");
      const onProgress = () => {
        throw mine;
      };
      await assert.rejects(blobs.get(EMPTY, { onProgress }), mine);
      assert.equal(requests.length, 1);
    }));
});

describe("requests", () => {
  test("carry a token and headers", async () => {
    let number = 0;
    const token = async () => `token-${(number += 1)}`;
    await against([refuse(503), truth], { token, headers: { "x-mine": "yes" } }, async (blobs, requests) => {
      await blobs.get(EMPTY);
      const sent = requests.map(({ headers }) => [headers.authorization, headers["x-mine"], headers.accept]);
      assert.deepEqual(sent, [
        ["Bearer token-1", "yes", "application/octet-stream"],
        ["Bearer token-2", "yes", "application/octet-stream"],
      ]);
    });
    await against([truth], { token: "secret" }, async (blobs, requests) => {
      await blobs.get(EMPTY);
      assert.equal(requests[0].headers.authorization, "Bearer secret");
    });
  });

  test("are made by the fetch that was given", async () => {
    const fetch = async (url, { method }) => {
      assert.deepEqual([url, method], [`https://example.com/blobs/${EMPTY}`, "GET"]);
      return new Response("{}");
    };
    const blob = await new BlobClient("https://example.com/blobs/", { fetch }).get(EMPTY);
    assert.deepEqual([blob.id, blob.type, blob.text()], [EMPTY, "data", "{}"]);
  });

  test("tell how much has arrived", async () => {
    const text = canonicalize(JSON.stringify(Array.from({ length: 50_000 }, (_, index) => index)));
    const id = await client().put(text);
    const told = [];
    await client().get(id, { onProgress: (progress) => told.push(progress) });
    assert.deepEqual(told.at(-1), { loaded: text.length, total: text.length });
    assert.ok(told.every(({ loaded }, index) => index === 0 || loaded > told[index - 1].loaded));
  });
});

describe("a put", () => {
  const large = (name) => JSON.stringify([name, "x".repeat(2 ** 15)]);

  test("of what the server has sends nothing", async () => {
    const text = large("twice");
    const id = await client().put(text);
    front.reset();
    assert.equal(await client().put(text), id);
    assert.deepEqual(front.requests, [`HEAD /api/v1/blobs/${id}`]);
  });

  test("that says more of what the server has is sent", async () => {
    const bytes = new TextEncoder().encode(canonicalize(large("more")));
    const id = await client().putBinary(bytes);
    assert.equal((await client().get(id)).type, "binary");
    front.reset();
    assert.equal(await client().put(bytes), id);
    assert.deepEqual(front.requests, [`HEAD /api/v1/blobs/${id}`, "POST /api/v1/blobs"]);
    assert.equal((await client().get(id)).type, "data");
  });

  test("goes to a server that knows no HEAD, too", async () => {
    const text = large("no HEAD");
    front.tamper = (answer) => (answer.method === "HEAD" ? { ...answer, status: 405 } : answer);
    assert.equal(await client().put(text), blobId(text));
  });

  test("of bytes and of files keeps them and their names", async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index);
    for (const content of [bytes, new Blob([bytes, "file"])]) {
      const told = [];
      const sent = [];
      const filename = "Übersicht 2026.bin";
      const onProgress = (progress) => told.push(progress);
      const id = await client().putBinary(content, { filename, onProgress, onSent: (progress) => sent.push(progress) });
      const expected = new Uint8Array(await new Blob([content]).arrayBuffer());
      assert.equal(id, blobId(expected));
      assert.deepEqual(await client().getBinary(id), expected);
      const answer = await fetch(`${front.blobs}/${id}`, { headers: { accept: "application/octet-stream" } });
      await answer.arrayBuffer();
      assert.match(answer.headers.get("content-disposition"), /filename\*=UTF-8''%C3%9Cbersicht%202026\.bin/);
      const { length } = expected;
      assert.deepEqual(sent, [{ loaded: length, total: length }]);
      if (content instanceof Blob) assert.deepEqual(told.at(-1), { loaded: content.size, total: content.size });
    }
  });
});

describe("many blobs", () => {
  const absent = (index) => blobId(`["absent", ${index}]`);

  test("are fetched, each verified, and those that there are", async () => {
    const ids = await Promise.all([1, 2, 3].map((index) => client().put(`["many", ${index}]`)));
    const found = await client().getMany([...ids, absent(0), ids[0]]);
    assert.deepEqual([...found.keys()], ids);
    assert.deepEqual([...found.values()].map((blob) => blob.value()), [["many", 1], ["many", 2], ["many", 3]]);
    front.tamper = (answer) => ({ ...answer, body: Buffer.from("[]") });
    await assert.rejects(client().getMany(ids), code("mismatch"));
  });

  test("are asked for no more at once than was said", async () => {
    let atOnce = 0;
    let most = 0;
    const fetch = async () => {
      most = Math.max(most, (atOnce += 1));
      await new Promise(setImmediate);
      atOnce -= 1;
      return new Response(null, { status: 404 });
    };
    const ids = Array.from({ length: 40 }, (_, index) => absent(index));
    assert.equal((await client({ fetch }).getMany(ids, { concurrency: 3 })).size, 0);
    assert.equal(most, 3);
  });

  for (const [server, tamper] of [
    ["a server that knows batches", undefined],
    ["one that knows none", (answer) => (answer.path.includes("/batch/") ? { ...answer, status: 404 } : answer)],
    ["one that lets none in", (answer) => (answer.path.includes("/batch/") ? { ...answer, status: 405 } : answer)],
  ]) {
    test(`that are missing are told by ${server}`, async () => {
      const held = await client().put('["held"]');
      const ids = Array.from({ length: 600 }, (_, index) => absent(index));
      front.reset();
      if (tamper) front.tamper = tamper;
      assert.deepEqual(await client().missing([...ids, held, ids[0]]), ids);
      assert.equal(await client().has(held), true);
      assert.equal(await client().has(ids[0]), false);
      const batches = front.requests.filter((request) => request === "POST /api/v1/batch/missing").length;
      assert.equal(batches, 3);
    });
  }

  test("that are no ids are not asked for", async () => {
    for (const ask of [(ids) => client().missing(ids), (ids) => client().getMany(ids)]) {
      await assert.rejects(ask([absent(0), "no id"]), code("invalid_id"));
    }
    assert.deepEqual(front.requests, []);
  });
});

describe("references", () => {
  const to = (id, blobType = "data") => ({ $blob: id, blobType });

  test("are followed, and what is referred to takes their place", async () => {
    const blobs = client();
    const leaf = await blobs.put('{"n": 505874924095815681}');
    const bytes = await blobs.putBinary(new Uint8Array([1, 2, 3]));
    const inner = await blobs.put(JSON.stringify({ "a/b": to(leaf), same: to(leaf) }));
    const id = await blobs.put(JSON.stringify({ inner: [to(inner)], leaf: to(leaf), bytes: to(bytes, "binary") }));
    front.reset();
    const resolved = await blobs.resolve(id);
    assert.equal(front.requests.length, 4, "each blob is fetched once");
    assert.deepEqual([...resolved.blobs.keys()].sort(), [leaf, bytes, inner, id].sort());
    assert.deepEqual(resolved.beyond, []);
    const value = { n: 505874924095815681n };
    const expected = { inner: [{ "a/b": value, same: value }], leaf: value, bytes: new Uint8Array([1, 2, 3]) };
    assert.deepEqual(resolved.value(), expected);
    assert.deepEqual(resolved.value({ numbers: "plain" }).leaf, { n: 505874924095815700 });
  });

  test("to the whole of a blob are followed, too", async () => {
    const leaf = await client().put('"leaf"');
    const id = await client().put(JSON.stringify(to(leaf)));
    assert.equal((await client().resolve(id)).value(), "leaf");
  });

  test("are followed so deep as was said, and no more than was said", async () => {
    const chain = [await client().put('"end"')];
    for (let depth = 0; depth < 5; depth += 1) chain.unshift(await client().put(JSON.stringify([to(chain[0])])));
    const resolved = await client().resolve(chain[0], { maxDepth: 2 });
    assert.deepEqual([...resolved.blobs.keys()], chain.slice(0, 3));
    assert.deepEqual(resolved.beyond, [chain[3]]);
    assert.deepEqual(resolved.value(), [[[to(chain[3])]]]);
    const tooMany = { name: "BlobError", code: "too_many_blobs", message: "more than 3 blobs are referred to" };
    await assert.rejects(client().resolve(chain[0], { maxBlobs: 3 }), tooMany);
  });

  test("to what is not there, and to what is not what it should be, are errors", async () => {
    const lost = blobId('["lost"]');
    const id = await client().put(JSON.stringify([to(lost)]));
    await assert.rejects(client().resolve(id), code("not_found", 404));
    const held = await client().put('["held"]');
    const other = await client().put(JSON.stringify([to(held)]));
    front.tamper = (answer) => (answer.path.endsWith(held) ? { ...answer, body: Buffer.from("[]") } : answer);
    await assert.rejects(client().resolve(other), code("mismatch"));
  });
});
