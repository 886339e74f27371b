// What the npm package consists of: what is in the tarball, what it weighs, and that all that it exports is there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";

import { makeApp } from "./app.js";

const run = promisify(execFile);

const PACKAGE = fileURLToPath(new URL("../../wasm/npm", import.meta.url));

/** The most bytes in brotli that a page loads for `isoblob`, WebAssembly and all: 40 KB. */
const MAX_BYTES = 40_000;

/** The most that `isoblob/inspect` adds. */
const MAX_INSPECT_BYTES = 44_000;

let app, root, manifest;

before(async () => {
  app = await makeApp();
  root = app.path("node_modules/isoblob");
  manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
});

after(() => app?.stop());

/** The files that an entry loads, with those that they import and the WebAssembly. */
async function loads(entry, found = new Set()) {
  if (found.has(entry)) return found;
  found.add(entry);
  const code = await readFile(join(root, entry), "utf8");
  const urls = [...code.matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"|new URL\("([^"]+\.wasm)"/g)];
  for (const [, module, wasm] of urls) {
    const path = join(dirname(entry), module ?? wasm);
    if (wasm) found.add(path);
    else await loads(path, found);
  }
  return found;
}

async function weigh(entry, without = new Set()) {
  const files = [...(await loads(entry))].filter((file) => !without.has(file));
  const sizes = await Promise.all(files.map(async (file) => brotliCompressSync(await readFile(join(root, file))).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("a page loads no more than 40 KB for it", async (context) => {
  const main = manifest.exports["."].default;
  const bytes = await weigh(main);
  const inspect = await weigh(manifest.exports["./inspect"].default, await loads(main));
  context.diagnostic(`isoblob: ${bytes} bytes in brotli; isoblob/inspect adds ${inspect}`);
  assert.ok(bytes <= MAX_BYTES, `${bytes} bytes, and the budget is ${MAX_BYTES}`);
  assert.ok(inspect <= MAX_INSPECT_BYTES, `${inspect} bytes, and the budget is ${MAX_INSPECT_BYTES}`);
});

test("the tarball has what is needed, and nothing else", () => {
  const kinds = [/^(package\.json|README\.md|LICENSE-(APACHE|MIT))$/, /^dist\/[\w-]+\.js(\.map)?$/];
  kinds.push(/^dist\/\w+_bg\.wasm$/, /^dist\/types\/([\w-]+\/)?[\w-]+\.d\.ts$/);
  const strange = app.packed.files.map(({ path }) => path).filter((path) => !kinds.some((kind) => kind.test(path)));
  assert.deepEqual(strange, []);
  assert.equal(manifest.dependencies, undefined);
});

test("every export is there, and every file has its source map", async () => {
  const paths = new Set(app.packed.files.map(({ path }) => `./${path}`));
  const targets = Object.values(manifest.exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
  assert.deepEqual(targets.filter((target) => !paths.has(target)), []);
  for (const path of paths) {
    if (!path.endsWith(".js")) continue;
    const [, url] = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(await readFile(join(root, path), "utf8")) ?? [];
    const map = JSON.parse(await readFile(join(root, dirname(path), url), "utf8"));
    assert.equal(map.sourcesContent.length, map.sources.length, path);
  }
});

test("programs in TypeScript find their types, by every way of resolution", async () => {
  const program = `import { BlobClient, BlobError, type VerifiedBlob, blobId, parse } from "isoblob";
import { type Explanation, explain } from "isoblob/inspect";
import { init } from "isoblob/manual";
import { WorkerPool } from "isoblob/pool";
import { BlobCache } from "isoblob/sw";
const id: string = blobId(new Uint8Array());
const value: unknown = parse("1");
const explanation: Explanation = explain("1", "2");
const blob: Promise<VerifiedBlob> = new BlobClient("/", { retries: 1 }).get(id, { timeoutMs: 1 });
const pooled: Promise<string> = new WorkerPool({ size: 1 }).textId("1", { onProgress: ({ phase }) => void phase });
new BlobCache({ maxBytes: 1 });
void [value, explanation, blob, pooled, init, BlobError];
// @ts-expect-error: a number is no content
blobId(1);
`;
  await writeFile(app.path("program.ts"), program);
  const tsc = join(PACKAGE, "node_modules/typescript/bin/tsc");
  for (const [module, resolution] of [["esnext", "bundler"], ["nodenext", "nodenext"]]) {
    const strict = ["--strict", "--noEmit", "--skipDefaultLibCheck", "--target", "es2022", "--lib", "es2023,dom"];
    const options = [...strict, "--module", module, "--moduleResolution", resolution];
    const checked = run("node", [tsc, ...options, "program.ts"], { cwd: app.folder });
    await assert.doesNotReject(checked.catch((error) => Promise.reject(new Error(`${module}: ${error.stdout}`))));
  }
});

test("its documentation is whole", async () => {
  const documented = run("npm", ["run", "--silent", "docs", "--", "--emit", "none"], { cwd: PACKAGE });
  await assert.doesNotReject(documented.catch((error) => Promise.reject(new Error(error.stdout + error.stderr))));
});
