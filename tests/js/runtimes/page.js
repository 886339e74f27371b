// For pages: leaves what it found, and what a worker found that imports the package, too, in `found`.
import * as isoblob from "isoblob";
import { explain } from "isoblob/inspect";
import { WorkerPool } from "isoblob/pool";

import { check } from "./check.js";
import { everything } from "./everything.js";

const vectors = await (await fetch("/vectors.json")).json();
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const inWorker = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => (data === "ready" ? worker.postMessage(vectors) : resolve(data));
  worker.onerror = (event) => reject(new Error(event.message ?? "the worker did not load"));
});
globalThis.found = (async () => ({
  ...check(isoblob, vectors),
  ...(await everything({ isoblob, explain, WorkerPool })),
  worker: await inWorker,
}))();
