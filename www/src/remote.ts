// A worker as a function: calls are answered in order, and a call can be cut short by ending the worker.

import type { Fault, Message, Operation, Operations, Request } from "./protocol";

/** What a failed call rejects with. */
export class RemoteFault extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

interface Call {
  request: Request;
  resolve: (result: never) => void;
  reject: (error: RemoteFault) => void;
}

export class Remote {
  #worker: Worker | undefined;
  #ready = false;
  #calls: Call[] = [];

  call<O extends Operation>(operation: O, argument: Operations[O]["argument"]): Promise<Operations[O]["result"]> {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      const request = { operation, argument } as Request;
      this.#calls.push({ request, resolve, reject });
      if (this.#ready) worker.postMessage(request);
    });
  }

  /** Starts the worker, so that the first call need not wait for it. */
  warm(): void {
    this.#worker ??= this.#start();
  }

  /** Ends the worker in the middle of what it does. Calls without an answer reject; the next call starts another. */
  end(fault: Fault = { code: "superseded", message: "a newer request took its place" }): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = false;
    for (const call of this.#calls.splice(0)) call.reject(new RemoteFault(fault));
  }

  #start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Message>) => this.#hear(worker, data));
    worker.addEventListener("error", (event) => {
      if (worker !== this.#worker) return;
      this.end({ code: "failed", message: event.message || "this browser could not load the WebAssembly" });
    });
    return worker;
  }

  #hear(worker: Worker, message: Message): void {
    if (worker !== this.#worker) return;
    if ("ready" in message) {
      this.#ready = true;
      for (const { request } of this.#calls) worker.postMessage(request);
      return;
    }
    const call = this.#calls.shift();
    if ("fault" in message) call?.reject(new RemoteFault(message.fault));
    else call?.resolve(message.result as never);
  }
}

/** The fault of a failed call, or of whatever else went wrong. */
export function faultOf(error: unknown): Fault {
  if (error instanceof RemoteFault) return error.fault;
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}
