// The npm package as it is installed, in every runtime and bundler that the README names: the shared vectors, and the
// same ids by every way that there is.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";

import { makeApp } from "./app.js";
import { openPage, startBrowser } from "./browser.js";
import { serveFiles } from "./static.js";
import { vectors } from "./vectors.js";
import { startWorkerd } from "./workerd.js";

const run = promisify(execFile);

const VECTORS = { vectors: vectors.canonical.length + vectors.refused.length, wrong: [] };

let app;

before(async () => {
  app = await makeApp();
});

after(() => app?.stop());

const installed = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));

/** Where Deno and Bun are; npm has Deno for Linux on x86-64, and elsewhere `DENO` names it. */
const DENO = process.env.DENO ?? installed("@deno/linux-x64-glibc/deno");
const BUN = installed(".bin/bun");

/** What a program of the app says. */
async function says(command, ...args) {
  const { stdout } = await run(command, args, { cwd: app.folder });
  return JSON.parse(stdout);
}

function isRight({ id, others, ...found }, expected = VECTORS) {
  assert.deepEqual(found, expected);
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.deepEqual(others, [], "these ways lead to another id");
}

test("Node", async () => isRight(await says("node", "program.js")));

test("Node, by require", async () => isRight(await says("node", "program.cjs")));

test("Deno", async () => isRight(await says(DENO, "run", "--allow-read", "program.js")));

test("Bun", async () => isRight(await says(BUN, "program.js")));

test("workerd, the runtime of Cloudflare's workers", async () => {
  await esbuild({
    absWorkingDir: app.folder,
    entryPoints: ["workerd.js"],
    outdir: "workerd",
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    loader: { ".wasm": "copy" },
  });
  const modules = (await readdir(app.path("workerd"))).filter((name) => name.endsWith(".wasm"));
  const workerd = await startWorkerd(app.path("workerd"), ["workerd.js", ...modules]);
  try {
    isRight(await (await fetch(workerd.origin)).json());
  } finally {
    await workerd.stop();
  }
});

describe("in Chromium, with nothing allowed but 'wasm-unsafe-eval',", () => {
  let browser;

  before(async () => {
    // Another host than the local one is no secure origin.
    browser = await startBrowser(["--host-resolver-rules=MAP plain.test 127.0.0.1"]);
  });

  after(() => browser?.close());

  /** What a page of a folder finds. */
  async function finds(folder, { host = "127.0.0.1", ...options } = {}) {
    const files = await serveFiles(folder, options);
    const { page, complaints, close } = await openPage(browser);
    try {
      await page.goto(`http://${host}:${files.port}/index.html`);
      const found = await page.waitForFunction(() => globalThis.found).then((handle) => handle.jsonValue());
      assert.deepEqual(complaints, []);
      return { ...found, isSecure: await page.evaluate(() => isSecureContext) };
    } finally {
      await close();
      await files.stop();
    }
  }

  /** As a page finds them, and a worker of it. */
  const expected = (isSecure) => ({ ...VECTORS, worker: VECTORS, isSecure });

  const html = (script, head = "") =>
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${head}<script type="module" src="${script}"></script>`;

  test("bundled by Vite", async () => {
    const root = app.path("vite");
    await vite({
      root: app.folder,
      logLevel: "warn",
      build: { outDir: root, target: "es2022", assetsInlineLimit: 0, rolldownOptions: { input: app.path("index.html") } },
      worker: { format: "es" },
    });
    const pages = { "/vectors.json": await readFile(app.path("vectors.json")) };
    isRight(await finds(root, { pages }), expected(true));
  });

  test("bundled by webpack", async () => {
    const output = { path: app.path("webpack"), filename: "main.js" };
    const compiler = webpack({ mode: "production", context: app.folder, entry: "./page.js", output });
    const stats = await promisify(compiler.run.bind(compiler))();
    assert.deepEqual(stats.toJson({ errors: true, warnings: false }).errors, []);
    const pages = { "/index.html": html("main.js"), "/vectors.json": await readFile(app.path("vectors.json")) };
    isRight(await finds(output.path, { pages }), expected(true));
  });

  describe("without a bundler,", () => {
    let options;

    before(async () => {
      const { exports } = JSON.parse(await readFile(app.path("node_modules/isoblob/package.json"), "utf8"));
      const url = (entry) => `/node_modules/isoblob/${exports[entry].default.slice(2)}`;
      const entries = { isoblob: ".", "isoblob/inspect": "./inspect", "isoblob/pool": "./pool" };
      const imports = Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, url(entry)]));
      const map = JSON.stringify({ imports });
      const hash = createHash("sha256").update(map).digest("base64");
      // Import maps are for pages, so that a worker names the file.
      const worker = (await readFile(app.path("worker.js"), "utf8")).replace('"isoblob"', `"${url(".")}"`);
      const pages = { "/index.html": html("page.js", `<script type="importmap">${map}</script>`), "/worker.js": worker };
      options = { pages, policy: `; script-src-elem 'self' 'sha256-${hash}'` };
    });

    test("from a secure origin", async () => isRight(await finds(app.folder, options), expected(true)));

    test("from a plain one, where crypto.subtle is missing", async () => {
      isRight(await finds(app.folder, { host: "plain.test", ...options }), expected(false));
    });
  });
});
