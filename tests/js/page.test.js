// The page that people open, in Chromium, served by the real server.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { blobId } from "isoblob";

import { openPage, startBrowser } from "./browser.js";
import { Front } from "./front.js";
import { startIsoblob } from "./isoblob.js";

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

let isoblob, front, browser, tab, page;

before(async () => {
  isoblob = await startIsoblob();
  front = await Front.before(isoblob.origin);
  browser = await startBrowser();
});

// Each test has a browsing context of its own, so that no answer comes out of the cache of another.
beforeEach(async () => {
  tab = await openPage(browser);
  page = tab.page;
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

/** Stores a text, or bytes, without the page. */
async function stored(content, headers = { "content-type": "application/json" }) {
  const body = typeof content === "string" ? `{"data":${content}}` : content;
  const answer = await fetch(`${isoblob.origin}/api/v1/blobs`, { method: "POST", headers, body });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).blobId;
}

const editor = () => page.getByRole("textbox", { name: "JSON", exact: true });
const button = (name) => page.getByRole("button", { name, exact: true });
const by = (id) => page.getByTestId(id);

/** Waits until an element has an attribute, and says both where it does not come to that. */
async function settled(id, attribute, value) {
  const found = page.locator(`[data-testid="${id}"][${attribute}="${value}"]`);
  await found.waitFor({ state: "attached", timeout: 15_000 }).catch(async (error) => {
    const is = (await by(id).count()) ? await by(id).first().getAttribute(attribute) : "not there";
    throw new Error(`${id}: ${attribute} is ${is}, not ${value}`, { cause: error });
  });
}

async function write(text) {
  await editor().fill(text);
}

/** Puts texts into the editor within one task, so that none has been computed when the next comes. */
async function type(...texts) {
  await editor().evaluate((element, texts) => {
    for (const text of texts) {
      element.value = text;
      element.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }, texts);
}

/** Waits until the page shows the id of this text. */
async function idOf(text) {
  await by("id")
    .filter({ hasText: blobId(text) })
    .waitFor({ timeout: 15_000 });
}

/** The text of an element; empty if it is not there. */
const text = async (id) => (await by(id).allTextContents()).join("");

describe("the editor", () => {
  beforeEach(() => page.goto(`${isoblob.origin}/`));

  test("shows the id as you type", async () => {
    await settled("result", "data-state", "empty");
    await editor().pressSequentially('{"b": 1.0, "a": "é"}');
    await settled("result", "data-state", "ready");
    assert.equal(await text("id"), sha256('{"a":"é","b":1}'));
    assert.equal(await text("canonical"), '{"a":"é","b":1}');
    // Every text on the way has an id or a fault, and never the id of a text before it.
    for (const [typed, expected] of [
      ["[", undefined],
      ["[1", undefined],
      ["[1]", "[1]"],
      ["[1] ", "[1]"],
      ["[1] x", undefined],
    ]) {
      await write(typed);
      await settled("result", "data-state", expected ? "ready" : "fault");
      assert.equal(await text("id"), expected ? sha256(expected) : "", typed);
    }
    await write("");
    await settled("result", "data-state", "empty");
    assert.deepEqual(tab.complaints, []);
  });

  test("computes in a worker, and the last text wins", async () => {
    await settled("result", "data-state", "empty");
    assert.ok(page.workers().length >= 1, "a worker computes");
    const large = JSON.stringify(Array.from({ length: 50_000 }, (_, index) => ({ z: index / 7, a: `${index}` })));
    // A text that takes its time, and at once another; then the first again, which is worth waiting for.
    await type(large, '"last"');
    await idOf('"last"');
    await type(large);
    await idOf(large);
    assert.deepEqual(tab.complaints, []);
  });

  test("says what is wrong and where, and goes there", async () => {
    const faulty = '{"é": 1,\n  "😀": [01]}';
    await write(faulty);
    await settled("result", "data-state", "fault");
    const fault = by("fault");
    const at = await Promise.all(["data-code", "data-line", "data-column"].map((name) => fault.getAttribute(name)));
    assert.deepEqual(at, ["invalid_number", "2", "10"]);
    assert.match(await text("fault"), /line 2.*column 10/i);
    await button("Go to the fault").click();
    const caret = await editor().evaluate((element) => ({
      focused: document.activeElement === element,
      start: element.selectionStart,
    }));
    assert.deepEqual(caret, { focused: true, start: faulty.indexOf("1]") });
    await write('{"a":1,"a":2}');
    await page.locator('[data-testid="fault"][data-code="duplicate_key"]').waitFor();
    assert.deepEqual(tab.complaints, []);
  });

  test("refuses half of a surrogate pair", async () => {
    // The protocol between the test and the browser has no halves of pairs, so the page makes it.
    await editor().evaluate((element) => {
      element.value = `"${String.fromCharCode(0xd83d)}"`;
      element.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await settled("fault", "data-code", "lone_surrogate");
    assert.deepEqual(tab.complaints, []);
  });

  test("reads a file", async () => {
    const content = '{"file": 505874924095815681}';
    await by("file").setInputFiles({ name: "a.json", mimeType: "application/json", buffer: Buffer.from(content) });
    await settled("result", "data-state", "ready");
    assert.equal(await text("id"), sha256('{"file":505874924095815681}'));
    assert.deepEqual(tab.complaints, []);
  });

  test("stores, and leads to what it stored", async () => {
    await write('{"order": 505874924095815681, "by": "Zoë"}');
    await settled("result", "data-state", "ready");
    const id = sha256('{"by":"Zoë","order":505874924095815681}');
    await button("Store").click();
    const link = by("stored");
    await link.waitFor();
    assert.equal(await link.getAttribute("href"), `/b/${id}`);
    const answer = await fetch(`${isoblob.origin}/api/v1/blobs/${id}`, {
      headers: { accept: "application/octet-stream" },
    });
    assert.equal(sha256(Buffer.from(await answer.arrayBuffer())), id);
    await link.click();
    await page.waitForURL(`${isoblob.origin}/b/${id}`);
    await settled("blob", "data-verdict", "verified");
    assert.match(await text("content"), /505874924095815681/);
    await page.goBack();
    await editor().waitFor();
    assert.deepEqual(tab.complaints, []);
  });
});

test("a server that wants a token is used with the one that the browser asked for", async () => {
  const password = "write-0123456789abcdef";
  const guarded = await startIsoblob({ ISOBLOB_TOKENS: `write:${password}` });
  const known = await openPage(browser, { httpCredentials: { username: "", password } });
  try {
    assert.equal((await fetch(`${guarded.origin}/`)).status, 401);
    page = known.page;
    await page.goto(`${guarded.origin}/`);
    await write("[505874924095815681]");
    await settled("result", "data-state", "ready");
    await button("Store").click();
    await by("stored").click();
    await settled("blob", "data-verdict", "verified");
    assert.match(await text("content"), /505874924095815681/);
    assert.deepEqual(known.complaints, []);
  } finally {
    await known.close();
    await guarded.stop();
  }
});

test("a store that fails says so", async () => {
  await page.goto(`${front.origin}/`);
  await write("[1]");
  await settled("result", "data-state", "ready");
  front.tamper = (answer) =>
    answer.method === "POST"
      ? {
          ...answer,
          status: 503,
          headers: { "content-type": "application/json" },
          body: Buffer.from('{"code":503,"message":"busy","reason":"overloaded"}'),
        }
      : answer;
  await button("Store").click();
  await settled("store-fault", "data-code", "overloaded");
  assert.equal(await by("stored").count(), 0);
});

describe("a blob", () => {
  const CANONICAL = '{"amount":100,"id":505874924095815681,"to":"Zoë"}';

  test("opens by a deep link, verified", async () => {
    const id = await stored(CANONICAL);
    await page.goto(`${isoblob.origin}/b/${id}`);
    await settled("blob", "data-verdict", "verified");
    assert.match(await text("verdict"), new RegExp(`\\b${Buffer.byteLength(CANONICAL)}\\b`));
    await page.getByRole("radio", { name: "Canonical" }).check();
    assert.equal(await text("content"), CANONICAL);
    assert.equal(new URL(page.url()).searchParams.get("form"), "canonical");
    await page.reload();
    await settled("blob", "data-verdict", "verified");
    assert.equal(await text("content"), CANONICAL);
    await page.getByRole("radio", { name: "Pretty" }).check();
    assert.deepEqual((await text("content")).replace(/\s/g, ""), CANONICAL);
    assert.match(await text("proof"), new RegExp(`^curl .*/api/v1/blobs/${id}.*\\| *sha256sum`));
    assert.deepEqual(tab.complaints, []);
  });

  test("opens by its id from the header", async () => {
    const id = await stored(CANONICAL);
    await page.goto(`${isoblob.origin}/`);
    const field = page.getByRole("textbox", { name: "Blob id" });
    await field.fill(id.toUpperCase().slice(1));
    await button("Open").click();
    await by("open-fault").waitFor();
    assert.equal(new URL(page.url()).pathname, "/");
    await field.fill(id);
    await button("Open").click();
    await page.waitForURL(`${isoblob.origin}/b/${id}`);
    await settled("blob", "data-verdict", "verified");
    assert.deepEqual(tab.complaints, []);
  });

  test("leads to the blobs that it refers to", async () => {
    const inner = await stored('{"inner":true}');
    const outer = await stored(`{"part":{"$blob":"${inner}","blobType":"data","size":14}}`);
    await page.goto(`${isoblob.origin}/b/${outer}`);
    await settled("blob", "data-verdict", "verified");
    await by("content").locator(`a[href="/b/${inner}"]`).click();
    await page.waitForURL(`${isoblob.origin}/b/${inner}`);
    await settled("blob", "data-verdict", "verified");
    assert.match(await text("content"), /inner/);
    assert.deepEqual(tab.complaints, []);
  });

  test("downloads as the very bytes", async () => {
    const id = await stored(CANONICAL);
    await page.goto(`${isoblob.origin}/b/${id}`);
    await settled("blob", "data-verdict", "verified");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    assert.equal(sha256(await readFile(await download.path())), id);
    assert.deepEqual(tab.complaints, []);
  });

  test("of bytes is verified too", async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index);
    const id = await stored(bytes, { "content-type": "application/octet-stream" });
    await page.goto(`${isoblob.origin}/b/${id}`);
    await settled("blob", "data-verdict", "verified");
    assert.equal(id, sha256(bytes));
    assert.deepEqual(tab.complaints, []);
  });

  test("is data, never markup", async () => {
    const id = await stored('{"<img src=x onerror=alert(1)>":"</script><script>alert(1)</script>"}');
    await page.goto(`${isoblob.origin}/b/${id}`);
    await settled("blob", "data-verdict", "verified");
    assert.equal(await by("content").locator("img, script").count(), 0);
    assert.deepEqual(tab.complaints, []);
  });

  const LIES = {
    "one bit": (body) => Buffer.from(body.with(11, body[11] ^ 0x08)),
    "its end": (body) => body.subarray(0, -1),
    "another blob": () => Buffer.from('{"amount":900,"id":505874924095815681,"to":"Zoë"}'),
  };
  for (const [what, lie] of Object.entries(LIES)) {
    test(`is refused if the server lies about it: ${what}`, async () => {
      const id = await stored(CANONICAL);
      front.tamper = (answer) =>
        answer.path.endsWith(id) && answer.path.includes("/blobs/") ? { ...answer, body: lie(answer.body) } : answer;
      await page.goto(`${front.origin}/b/${id}`);
      await settled("blob", "data-verdict", "mismatch");
      assert.deepEqual([await text("expected"), await text("actual")], [id, sha256(lie(Buffer.from(CANONICAL)))]);
      assert.equal(await by("content").count(), 0);
      assert.doesNotMatch(
        await page.evaluate(() => document.body.textContent),
        /505874924095815681/,
        "nothing of it is shown",
      );
      assert.deepEqual(tab.complaints, []);
    });
  }

  test("that is not there is not found", async () => {
    await page.goto(`${isoblob.origin}/b/${"0".repeat(64)}`);
    await settled("blob", "data-verdict", "not_found");
    // Chromium itself notes the answer on its console; nothing else may be there.
    assert.deepEqual(
      tab.complaints.filter((complaint) => !complaint.includes("status of 404")),
      [],
    );
  });

  test("with an id that is none is refused without asking", async () => {
    await page.goto(`${front.origin}/b/nothing`);
    await settled("blob", "data-verdict", "invalid_id");
    assert.deepEqual(
      front.requests.filter((request) => request.includes("/api/")),
      [],
    );
    assert.deepEqual(tab.complaints, []);
  });
});

describe("on a phone", () => {
  beforeEach(() => page.setViewportSize({ width: 360, height: 640 }));

  /** Everything fits, or scrolls in a box of its own. */
  async function fits() {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `the page is ${width} px wide`);
  }

  test("the editor fits and works", async () => {
    await page.goto(`${isoblob.origin}/`);
    await fits();
    await write(`{"long": "${"x".repeat(2000)}"}`);
    await settled("result", "data-state", "ready");
    await fits();
    await button("Store").click();
    await by("stored").waitFor();
    await fits();
    await write(`{"${"x".repeat(300)}": [01]}`);
    await settled("result", "data-state", "fault");
    await fits();
    assert.deepEqual(tab.complaints, []);
  });

  test("a blob fits", async () => {
    const id = await stored(`{"long":"${"x".repeat(2000)}","rows":[[1,2],{"deep":{"deeper":{"deepest":"y"}}}]}`);
    await page.goto(`${isoblob.origin}/b/${id}`);
    await settled("blob", "data-verdict", "verified");
    await fits();
    await page.getByRole("radio", { name: "Canonical" }).check();
    await fits();
    assert.deepEqual(tab.complaints, []);
  });
});

test("the page allows no code but its own", async () => {
  const answer = await fetch(`${isoblob.origin}/`);
  const policy = Object.fromEntries(
    (answer.headers.get("content-security-policy") ?? "").split(";").map((directive) => {
      const [name, ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
  assert.deepEqual(policy["default-src"], ["'none'"]);
  assert.ok(!policy["script-src"].includes("'unsafe-inline'") && !policy["script-src"].includes("'unsafe-eval'"));
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
});
