// A filter: for each line of standard input, which is a JSON text, what V8 and the npm package `canonicalize` make of
// it, or `!` where JSON.parse refuses it.

import { readFileSync, writeSync } from "node:fs";
import canonicalize from "canonicalize";

const parse = (text) => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

// Not by lines of `readline`, which also end with U+2028.
const lines = readFileSync(0, "utf8").split("\n").slice(0, -1);
const answers = lines.map((line) => {
  const parsed = parse(line);
  if (parsed === undefined) {
    return "!";
  }
  try {
    return canonicalize(parsed.value);
  } catch (error) {
    return `?${error.message}`;
  }
});

const output = Buffer.from(answers.map((answer) => `${answer}\n`).join(""));
for (let written = 0; written < output.length; ) {
  written += writeSync(1, output, written);
}
