// For Node, Deno and Bun: says what it found on standard output.
import { readFileSync } from "node:fs";

import * as isoblob from "isoblob";
import { explain } from "isoblob/inspect";
import { WorkerPool } from "isoblob/pool";

import { check } from "./check.js";
import { everything } from "./everything.js";

const vectors = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
const found = { ...check(isoblob, vectors), ...(await everything({ isoblob, explain, WorkerPool })) };
console.log(JSON.stringify(found));
