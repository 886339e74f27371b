// Every example of the README and of the declarations that the package ships, as it stands there: it runs, and each value
// that a comment states is the one that comes.
import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { makeApp } from "./app.js";
import { startIsoblob } from "./isoblob.js";

let app, isoblob;

before(async () => {
  [app, isoblob] = await Promise.all([makeApp(), startIsoblob()]);
});

after(async () => {
  await app?.stop();
  await isoblob?.stop();
});

/** The code blocks of a text, of comments without the stars before their lines. */
function blocks(text) {
  const plain = text.replace(/^ *\* ?/gm, "");
  return [...plain.matchAll(/^```(?:js|ts)\n(.*?)^```/gms)].map(([, code]) => code);
}

/** The statement of a line, and what a comment behind or below it says; only what is an expression is a value. */
const STATED = /^ *(?!import|const|let|if|for|try|throw|\}|\/\/)(\S.*);(?: *|\n)\/\/ +(.+)$/gm;

function isExpression(text) {
  try {
    return Boolean(new Function(`return (${text});`));
  } catch {
    return false;
  }
}

/** An example as a module that returns how many values it stated. */
function moduleOf(code) {
  const checked = code.replace(STATED, (line, expression, stated) =>
    isExpression(stated) ? `$check(await (${expression}), (${stated}), ${JSON.stringify(expression)});` : line,
  );
  const own = checked.replaceAll("http://localhost:7837", isoblob.origin);
  return `let $count = 0;
function $check(actual, stated, expression) {
  $count += 1;
  globalThis.$assert.deepEqual(actual, stated, expression);
}
${own}
export default $count;
`;
}

let sequence = 0;

async function run(code) {
  const file = app.path(`example-${sequence++}.js`);
  await writeFile(file, moduleOf(code));
  globalThis.$assert = assert;
  return (await import(pathToFileURL(file))).default;
}

/** Runs all examples of a file; service workers have their own test. */
async function examplesOf(path, fewest) {
  const examples = blocks(await readFile(app.path("node_modules/isoblob", path), "utf8"));
  let values = 0;
  for (const code of examples.filter((code) => !code.includes("isoblob/sw"))) values += await run(code);
  assert.ok(values >= fewest, `${path} states ${values} values, which were ${fewest} at least`);
}

test("of the README", () => examplesOf("README.md", 12));

test("of the declarations", async () => {
  const names = (await readdir(app.path("node_modules/isoblob/dist/types"))).filter((name) => name.endsWith(".d.ts"));
  const stating = { content: 5, value: 2, numbers: 3, references: 1, error: 2, client: 2, manual: 2, inspector: 2 };
  for (const name of names) await examplesOf(`dist/types/${name}`, stating[name.replace(".d.ts", "")] ?? 0);
  assert.deepEqual(Object.keys(stating).filter((name) => !names.includes(`${name}.d.ts`)), []);
});
