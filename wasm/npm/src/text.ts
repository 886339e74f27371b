// What may be handed to the module: bytes, and strings that UTF-8 can hold.
import { BlobError } from "./error.js";

/** A JSON text as a string, or bytes. What the bytes are, the function says. */
export type Content = string | Uint8Array;

/** The most bytes of a JSON text, 256 MiB in UTF-8. */
export const MAX_TEXT_BYTES = 256 * 2 ** 20;

const ID = /^[0-9a-f]{64}$/;

export function isBytes(value: unknown): value is Uint8Array {
  // Of whatever realm it came from.
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === "Uint8Array";
}

export function requireContent(value: unknown, what = "the content"): asserts value is Content {
  if (typeof value !== "string" && !isBytes(value)) throw new TypeError(`${what} must be a string or a Uint8Array`);
}

/** Refuses what is not spelled as ids are; an id that is none is never asked for. */
export function requireId(id: unknown): asserts id is string {
  if (typeof id !== "string") throw new TypeError("the id must be a string");
  if (!ID.test(id)) throw new BlobError("a blob id is 64 lowercase hex digits", { code: "invalid_id" });
}

export function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

/** Where the first half of a surrogate pair is that stands alone, in UTF-16 code units; -1 if there is none. */
export function loneSurrogate(text: string): number {
  if ((text as { isWellFormed?: () => boolean }).isWellFormed?.()) return -1;
  // With the `u` flag whole pairs are one character, so that only halves match.
  return text.search(/\p{Surrogate}/u);
}

/**
 * Refuses a string that holds half of a surrogate pair: encoding it would silently put U+FFFD in its place, and the id
 * would be that of another text.
 */
export function requireWellFormed(text: string): void {
  const index = loneSurrogate(text);
  if (index === -1) return;
  const before = text.slice(0, index);
  const line = before.split("\n").length;
  const column = [...before.slice(before.lastIndexOf("\n") + 1)].length + 1;
  const offset = new TextEncoder().encode(before).length;
  throw new BlobError(`half of a surrogate pair stands alone, at line ${line} column ${column} (byte ${offset})`, {
    code: "lone_surrogate",
    offset,
    line,
    column,
  });
}
