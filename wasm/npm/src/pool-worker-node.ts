// The worker of `isoblob/pool` in Node, Deno and Bun.
import { parentPort } from "node:worker_threads";

import "./node.js";
import { work } from "./pool/work.js";

parentPort?.on("message", (question) => void work(question, (answer, transfer) => parentPort?.postMessage(answer, transfer)));
