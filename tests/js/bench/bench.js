// `npm run bench`: from a JSON text to its id, in Node and in Chromium, beside others in the same run. Prints the tables of
// wasm/BENCHMARKS.md.
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { canonicalize } from "isoblob";

import { openPage, startBrowser } from "../browser.js";
import { serveFiles } from "../static.js";
import { measure, OURS, wrong } from "./contenders.js";
import { DOCUMENTS, EXACT } from "./documents.js";

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="page.js"></script>`;

/** A row for each contender, with a column for each document: MB/s, and how many times as fast as the fastest peer. */
async function table(runtime, measure) {
  console.log(`\n| ${runtime}: MB/s | ${DOCUMENTS.map(({ name }) => name).join(" | ")} |`);
  console.log(`| --- |${" ---: |".repeat(DOCUMENTS.length)}`);
  const columns = [];
  for (const { text } of DOCUMENTS) columns.push(await measure(text));
  for (const name of Object.keys(columns[0])) {
    const cells = columns.map((best, index) => speed(DOCUMENTS[index].text, best[name]));
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
  const ratios = columns.map((best) => {
    const least = (names) => Math.min(...names.map((name) => best[name]));
    const others = Object.keys(best).filter((name) => !OURS.includes(name));
    return least(others) / least(OURS);
  });
  console.log(`| isoblob : the fastest other | ${ratios.map((ratio) => `${ratio.toFixed(1)} : 1`).join(" | ")} |`);
}

const speed = (text, ms) => (Buffer.byteLength(text) / ms / 1000).toFixed(text.length / ms < 10_000 ? 1 : 0);

async function inChromium() {
  const folder = await mkdtemp(join(tmpdir(), "isoblob-bench-"));
  const browser = await startBrowser();
  await build({
    stdin: { contents: `import * as all from "./contenders.js"; Object.assign(globalThis, all);`, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    outfile: join(folder, "page.js"),
    bundle: true,
    minify: true,
    format: "esm",
  });
  await copyFile(fileURLToPath(import.meta.resolve("isoblob/isoblob.wasm")), join(folder, "isoblob_bg.wasm"));
  const files = await serveFiles(folder, { pages: { "/": PAGE } });
  try {
    const { page } = await openPage(browser);
    await page.goto(`http://127.0.0.1:${files.port}/`);
    await page.waitForFunction(() => globalThis.measure);
    await table(`Chromium ${browser.version().split(".")[0]}`, (text) => page.evaluate((text) => globalThis.measure(text), text));
  } finally {
    await browser.close();
    await files.stop();
    await rm(folder, { recursive: true });
  }
}

await table(`Node ${process.versions.node.split(".")[0]}`, measure);
await inChromium();

const id = createHash("sha256").update(canonicalize(EXACT)).digest("hex");
console.log(`\nWith an integer past 2^53, another id comes from: ${(await wrong(EXACT, id)).join(", ")}.`);
