// Runs one request at a time and keeps only the newest: what was asked before it is never answered.

/** How long a request that nobody awaits any more may hold up the newest, in milliseconds. */
const PATIENCE_MS = 250;

export interface Job<In, Out> {
  run: (input: In) => Promise<Out>;
  /** Makes a running request stop, as soon as it can. */
  stop: () => void;
  done: (result: Out) => void;
  failed: (error: unknown) => void;
}

export class Latest<In, Out> {
  readonly #job: Job<In, Out>;
  #running = false;
  #next: { input: In } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts the requests that were withdrawn or replaced: an answer to an older one is dropped. */
  #epoch = 0;

  constructor(job: Job<In, Out>) {
    this.#job = job;
  }

  /** Asks for this, and for nothing that was asked before. */
  submit(input: In): void {
    this.#epoch += 1;
    this.#next = { input };
    if (this.#running) this.#timer ??= setTimeout(this.#job.stop, PATIENCE_MS);
    else void this.#work();
  }

  /** Asks for nothing any more. */
  withdraw(): void {
    this.#epoch += 1;
    this.#next = undefined;
  }

  async #work(): Promise<void> {
    this.#running = true;
    for (let request = this.#take(); request; request = this.#take()) {
      const epoch = this.#epoch;
      try {
        const result = await this.#job.run(request.input);
        if (epoch === this.#epoch) this.#job.done(result);
      } catch (error) {
        if (epoch === this.#epoch) this.#job.failed(error);
      }
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.#running = false;
  }

  #take(): { input: In } | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }
}
