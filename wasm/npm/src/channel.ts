// The way into a module's memory and out of it.
import { BlobError } from "./error.js";
import { type Content, MAX_TEXT_BYTES, requireWellFormed } from "./text.js";
import { type Encode, isWide, PIECE_BYTES, pieces, wideEncoder } from "./wide.js";

/** What every desk has; see `wasm/src/desk.rs`. */
export interface Desk {
  input(length: number): number;
  output(): number;
  outputLength(): number;
  clear(): void;
}

/** From this many bytes on, memory is given back after a call. */
const LARGE = 2 ** 16;

/** Up to so many UTF-16 code units a string gets room for the longest that it can be, three bytes each. */
const SHORT = 2 ** 12;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const decode = (bytes: Uint8Array): string => decoder.decode(bytes);

/** A desk, and the memory that it shares with JavaScript. */
export class Channel<D extends Desk> {
  readonly #memory: WebAssembly.Memory;
  readonly #newDesk: () => D;
  #desk: D | undefined;
  #bytes = new Uint8Array();
  /** `null` until it is looked for. */
  #wide: Encode | null | undefined = null;

  constructor(memory: WebAssembly.Memory, newDesk: () => D) {
    this.#memory = memory;
    this.#newDesk = newDesk;
  }

  get desk(): D {
    return (this.#desk ??= this.#newDesk());
  }

  /**
   * Writes contents one behind another, runs a function with where the last two of them end, and reads its output, of
   * which nothing must be kept that is not copied.
   */
  call<R>(
    run: (desk: D, end: number, middle: number) => boolean,
    read: (output: Uint8Array<ArrayBuffer>) => R,
    ...contents: Content[]
  ): R {
    const { desk } = this;
    let middle = 0;
    let end = 0;
    let length = 0;
    try {
      for (const content of contents) {
        middle = end;
        end = typeof content === "string" ? this.#encode(desk, content, middle) : this.#copy(desk, content, middle);
      }
      const isWell = run(desk, end, middle);
      length = desk.outputLength();
      const output = this.#view(desk.output(), length);
      if (isWell) return read(output);
      const { message, ...details } = JSON.parse(decode(output));
      throw new BlobError(message, details);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      // Whatever stopped in the middle is left where it lies.
      this.#desk = undefined;
      throw new BlobError("there is not enough memory", { code: "out_of_memory", cause: error });
    } finally {
      if (end > LARGE || length > LARGE) this.#desk?.clear();
    }
  }

  #view(start: number, length: number): Uint8Array<ArrayBuffer> {
    // A memory that grew has another buffer.
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = new Uint8Array(this.#memory.buffer as ArrayBuffer);
    return this.#bytes.subarray(start, start + length) as Uint8Array<ArrayBuffer>;
  }

  #copy(desk: D, content: Uint8Array, at: number): number {
    const { length } = content;
    requireSize(length, String(length));
    const start = desk.input(at + length);
    this.#view(start + at, length).set(content);
    return at + length;
  }

  #encode(desk: D, text: string, at: number): number {
    requireSize(text.length, `at least ${text.length}`);
    requireWellFormed(text);
    if (text.length > SHORT && isWide(text)) {
      if (this.#wide === null) this.#wide = wideEncoder(this.#memory);
      if (this.#wide) return this.#encodePieces(desk, text, at, this.#wide);
    }
    // Most of JSON is ASCII, of which a character is a byte.
    const room = text.length <= SHORT ? 3 * text.length : text.length + SHORT;
    const start = desk.input(at + room);
    const { read, written } = encoder.encodeInto(text, this.#view(start + at, room));
    if (read === text.length) return at + written;
    const rest = text.slice(read);
    const more = desk.input(at + written + 3 * rest.length) + at + written;
    return at + written + encoder.encodeInto(rest, this.#view(more, 3 * rest.length)).written;
  }

  #encodePieces(desk: D, text: string, at: number, encode: Encode): number {
    desk.input(at + text.length + PIECE_BYTES);
    for (const piece of pieces(text)) {
      const start = desk.input(at + PIECE_BYTES);
      at = encode(piece, start + at) - start;
    }
    return at;
  }
}

function requireSize(length: number, described: string): void {
  if (length <= MAX_TEXT_BYTES) return;
  throw new BlobError(`the text has ${described} bytes, and the limit is ${MAX_TEXT_BYTES}`, { code: "too_large" });
}
