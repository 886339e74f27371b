// Strings with characters beyond Latin-1, which engines hold in 16 bits a unit: Chromium's `TextEncoder` reads those at a
// third of the speed of others. WebAssembly's built-in functions for strings hand them out quicker, where there are any.
import assembled from "./wide.wat";

/** The most UTF-16 code units that are encoded at once, for which `wide.wat` has an array. */
const UNITS = 2 ** 13;

/** The bytes of room that a piece of a string takes: three for each unit, and its units behind them. */
export const PIECE_BYTES = 5 * UNITS;

/** How many units are searched for a character beyond Latin-1. In other strings the search ends before it begins. */
const SEARCHED = 2 ** 17;

/** Writes a piece of a string to an offset of a memory, where it has {@link PIECE_BYTES}; returns where it ends. */
export type Encode = (piece: string, at: number) => number;

export const isWide = (text: string): boolean => /[^\0-\xff]/.test(text.slice(0, SEARCHED));

/** The pieces of a string, of which none ends within a surrogate pair. */
export function* pieces(text: string): Generator<string> {
  for (let at = 0, end; at < text.length; at = end) {
    end = at + UNITS;
    if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
    yield text.slice(at, end);
  }
}

/** What encodes into a memory, if the runtime has the built-in functions and lets modules be compiled. */
export function wideEncoder(memory: WebAssembly.Memory): Encode | undefined {
  try {
    const bytes = Uint8Array.from(atob(assembled), (character) => character.charCodeAt(0));
    const Module = WebAssembly.Module as new (bytes: BufferSource, options: object) => WebAssembly.Module;
    const module = new Module(bytes, { builtins: ["js-string"] });
    const { encode } = new WebAssembly.Instance(module, { isoblob: { memory } }).exports;
    return (piece, at) => (encode as (piece: string, from: number, to: number) => number)(piece, at + 3 * UNITS, at);
  } catch {
    return undefined;
  }
}
