/**
 * Workers for large texts and files, so that a page is never blocked.
 *
 * @packageDocumentation
 */
// This entry is for browsers and bundlers, which find the worker by its URL.
import { Pool, type PoolOptions, type PoolWorker } from "./pool.js";

export type { Canonical, JobOptions, PoolOptions, PoolProgress } from "./pool.js";

function spawn(): PoolWorker {
  const worker = new Worker(new URL("./pool-worker.js", import.meta.url), { type: "module" });
  let isReady: () => void;
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  return {
    // What comes before the worker's module is loaded would be lost.
    post: (question) => void ready.then(() => worker.postMessage(question)),
    listen(hear, fail) {
      worker.addEventListener("message", ({ data }) => ("ready" in data ? isReady() : hear(data)));
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        fail(new Error(event.message || "the worker of isoblob/pool could not be loaded"));
      });
    },
    terminate: () => worker.terminate(),
  };
}

/**
 * A pool of workers. They are started when they are needed, and stay until the pool is closed.
 *
 * @example
 * ```js
 * import { WorkerPool } from "isoblob/pool";
 *
 * const pool = new WorkerPool();
 * await pool.textId('{"b": 1, "a": 2}'); // "d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772"
 * pool.close();
 * ```
 */
export class WorkerPool extends Pool {
  /** A pool without workers yet. */
  constructor(options?: PoolOptions) {
    super(spawn, options);
  }
}
