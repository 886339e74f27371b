// What may be handed to the wasm: bytes, and strings that UTF-8 can hold.
import { BlobError } from "./error.js";

/** Whether this is a `Uint8Array`, of whatever realm it came from. */
export function isBytes(value) {
  return ArrayBuffer.isView(value) && value[Symbol.toStringTag] === "Uint8Array";
}

/**
 * Refuses a string that holds half of a surrogate pair: encoding it would silently put U+FFFD in its place, and the id
 * would be that of another text.
 */
export function wellFormed(text) {
  if (text.isWellFormed?.() ?? false) return;
  // With the `u` flag whole pairs are one character, so that only halves match.
  const index = text.search(/\p{Surrogate}/u);
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
