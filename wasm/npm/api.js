// The functions without I/O, and the names that every entry exports. Documented in `index.d.ts`.
import * as wasm from "./dist/isoblob.js";
import { translated } from "./error.js";
import { isBytes, wellFormed } from "./text.js";

export { BlobClient, VerifiedBlob } from "./client.js";
export { BlobError } from "./error.js";

export function blobId(content) {
  return byForm(
    content,
    (text) => wasm.textId(text),
    (bytes) => wasm.contentId(bytes),
  );
}

export function canonicalize(text) {
  return byForm(
    text,
    (text) => wasm.canonicalizeText(text),
    (bytes) => wasm.canonicalizeUtf8(bytes),
  );
}

export function verify(id, content) {
  if (typeof id !== "string") throw new TypeError("the id must be a string");
  return byForm(
    content,
    (text) => wasm.verifyText(id, text),
    (bytes) => wasm.verifyContent(id, bytes),
  );
}

function byForm(content, ofText, ofBytes) {
  if (typeof content === "string") {
    wellFormed(content);
    return translated(() => ofText(content));
  }
  if (isBytes(content)) return translated(() => ofBytes(content));
  throw new TypeError("the content must be a string or a Uint8Array");
}
