// For Node, Deno and Bun.
import { Worker } from "node:worker_threads";

import { Pool, type PoolOptions, type PoolWorker } from "./pool.js";

export type { Canonical, JobOptions, PoolOptions, PoolProgress } from "./pool.js";

function spawn(): PoolWorker {
  const worker = new Worker(new URL("./pool-worker-node.js", import.meta.url));
  // A pool that nobody closes must not keep the process alive, but a job must.
  worker.unref();
  return {
    post(question) {
      worker.ref();
      worker.postMessage(question);
    },
    listen(hear, fail) {
      worker.on("message", (answer) => {
        if (!("progress" in answer)) worker.unref();
        hear(answer);
      });
      worker.on("error", fail);
    },
    terminate: () => void worker.terminate(),
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
