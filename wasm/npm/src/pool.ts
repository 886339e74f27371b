// Jobs, and the workers that do them.
import { BlobError, type BlobErrorDetails } from "./core.js";
import type { Answer, Canonical, Operation, PoolProgress, Question } from "./pool/protocol.js";

export type { Canonical, PoolProgress } from "./pool/protocol.js";

/** A worker, of whatever runtime. */
export interface PoolWorker {
  post(question: Question): void;
  listen(hear: (answer: Answer) => void, fail: (error: Error) => void): void;
  terminate(): void;
}

/** How to make a pool. */
export interface PoolOptions {
  /** The number of workers at most: one less than the processor has cores, and 4 at most, unless told otherwise. */
  size?: number;
}

/** How to run a job. */
export interface JobOptions {
  /** Is called as the job gets on. */
  onProgress?: (progress: PoolProgress) => void;
  /** Ends the job, also in the middle of its work: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

interface Job {
  question: Question;
  options: JobOptions;
  resolve: (result: unknown) => void;
  reject: (reason: unknown) => void;
}

/** A pool, in whatever runtime: the entries say how to start a worker. */
export class Pool {
  readonly #spawn: () => PoolWorker;
  readonly #size: number;
  readonly #queue: Job[] = [];
  readonly #idle: PoolWorker[] = [];
  readonly #busy = new Map<PoolWorker, Job>();
  #isClosed = false;

  /** @internal */
  constructor(spawn: () => PoolWorker, { size }: PoolOptions = {}) {
    this.#spawn = spawn;
    this.#size = Math.max(1, size ?? Math.min(4, (globalThis.navigator?.hardwareConcurrency ?? 2) - 1));
  }

  /**
   * The id of a JSON text: a string, or UTF-8 in bytes or in a file.
   *
   * @throws `BlobError` as `blobId` does, and the signal's reason.
   */
  textId(text: string | Uint8Array | Blob, options?: JobOptions): Promise<string> {
    return this.#run("textId", text, options) as Promise<string>;
  }

  /**
   * The canonical form of a JSON text, and its id.
   *
   * @throws `BlobError` as `canonicalize` does, and the signal's reason.
   */
  canonicalize(text: string | Uint8Array | Blob, options?: JobOptions): Promise<Canonical> {
    return this.#run("canonicalize", text, options) as Promise<Canonical>;
  }

  /**
   * The id of bytes as they are, in constant memory.
   *
   * @throws what reading the file fails with, and the signal's reason.
   */
  hashFile(content: Blob | Uint8Array, options?: JobOptions): Promise<string> {
    return this.#run("hashFile", content, options) as Promise<string>;
  }

  /** Ends the workers. Jobs that are not done reject. */
  close(): void {
    this.#isClosed = true;
    const jobs = [...this.#busy.values(), ...this.#queue.splice(0)];
    for (const worker of [...this.#idle.splice(0), ...this.#busy.keys()]) worker.terminate();
    this.#busy.clear();
    for (const job of jobs) job.reject(closed());
  }

  #run(operation: Operation, content: string | Uint8Array | Blob, options: JobOptions = {}): Promise<unknown> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#isClosed) throw closed();
      const abort = () => this.#abort(job);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          signal?.removeEventListener("abort", abort);
          settle(value);
        };
      };
      const job = { question: { operation, content }, options, resolve: settled(resolve), reject: settled(reject) };
      signal?.addEventListener("abort", abort);
      this.#queue.push(job);
      this.#work();
    });
  }

  #work(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? (this.#busy.size < this.#size ? this.#start() : undefined);
      if (!worker) return;
      const job = this.#queue.shift() as Job;
      this.#busy.set(worker, job);
      worker.post(job.question);
    }
  }

  #start(): PoolWorker {
    const worker = this.#spawn();
    worker.listen(
      (answer) => this.#hear(worker, answer),
      (error) => {
        const job = this.#busy.get(worker);
        this.#end(worker);
        job?.reject(error);
        this.#work();
      },
    );
    return worker;
  }

  #hear(worker: PoolWorker, answer: Answer): void {
    const job = this.#busy.get(worker);
    if (!job) return;
    if ("progress" in answer) return job.options.onProgress?.(answer.progress);
    this.#busy.delete(worker);
    this.#idle.push(worker);
    if ("result" in answer) job.resolve(answer.result);
    else job.reject(errorOf(answer.fault));
    this.#work();
  }

  /** Nothing but its end stops a worker in the middle of a text. */
  #abort(job: Job): void {
    const queued = this.#queue.indexOf(job);
    if (queued !== -1) this.#queue.splice(queued, 1);
    for (const [worker, other] of this.#busy) if (other === job) this.#end(worker);
    job.reject(job.options.signal?.reason);
    this.#work();
  }

  #end(worker: PoolWorker): void {
    this.#busy.delete(worker);
    const idle = this.#idle.indexOf(worker);
    if (idle !== -1) this.#idle.splice(idle, 1);
    worker.terminate();
  }
}

const closed = (): Error => new Error("the pool is closed");

function errorOf({ message, ...details }: BlobErrorDetails & { message: string }): Error {
  return details.code === undefined ? new Error(message) : new BlobError(message, details);
}
