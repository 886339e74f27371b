// The module, once it is loaded.
import { Desk, type InitOutput } from "../generated/isoblob.js";
import { Channel, decode } from "./channel.js";

let channel: Channel<Desk> | undefined;

/** Takes the module into use. All entries share one. */
export function loaded(exports: InitOutput): void {
  channel ??= new Channel(exports.memory, () => new Desk());
}

export function module(): Channel<Desk> {
  if (channel) return channel;
  throw new Error("isoblob is not loaded: await init() or call initSync() of isoblob/manual first");
}

/** Computes the id of bytes that come in pieces. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Ends it, whether its result, the id, is wanted or not. */
  finish(): string;
}

/** A SHA-256 that the runtime has, and that answers at once. */
let native: (() => Hasher) | undefined;

export function useNative(newHasher: () => Hasher): void {
  native = newHasher;
}

export const hasNative = (): boolean => native !== undefined;

/** The most bytes that are copied into the module at once, so that its memory does not grow with a blob. */
const PIECE_BYTES = 2 ** 16;

export function newHasher(): Hasher {
  const used = module();
  return native ? native() : new WasmHasher(used);
}

class WasmHasher implements Hasher {
  readonly #channel: Channel<Desk>;
  readonly #number: number;

  constructor(used: Channel<Desk>) {
    this.#channel = used;
    this.#number = used.desk.begin();
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      this.#channel.call((desk, end) => desk.update(this.#number, end), () => {}, piece);
    }
  }

  finish(): string {
    return this.#channel.call((desk) => desk.finish(this.#number), decode);
  }
}
