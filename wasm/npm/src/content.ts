// Ids, canonical forms and verification, without I/O.
import { decode } from "./channel.js";
import { hasNative, module, newHasher } from "./module.js";
import { type Content, requireContent, requireId } from "./text.js";

/** From this many bytes on, the runtime's own SHA-256 is worth its call. */
const NATIVE_BYTES = 2048;

/** From this many bytes on, a hash is worth the wait for another thread. */
const ASYNC_BYTES = 2 ** 15;

/**
 * The id of a blob: 64 lowercase hex digits, the SHA-256 of its content.
 *
 * A string is a JSON text, and its content is its canonical form: whitespace, the order of keys and the way strings are
 * escaped make no difference, every digit of an integer does. A `Uint8Array` is the content itself, hashed as it is;
 * for the id of a JSON text that you hold in UTF-8, write `blobId(canonicalize(bytes))`.
 *
 * @example
 * ```js
 * import { blobId } from "isoblob";
 *
 * blobId('{"b": 1, "a": 2}'); // "d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772"
 * blobId('{"b": 1, "a": 2}') === blobId('{"a":2,"b":1}'); // true
 * ```
 *
 * @throws {@link BlobError} where the string is no JSON text, repeats a key, nests more than 127 containers, holds a
 * number that no double reaches, or is longer than 256 MiB in UTF-8. Its `code` says which.
 */
export function blobId(content: string | Uint8Array): string {
  requireContent(content);
  if (typeof content !== "string") return contentId(content);
  if (hasNative() && content.length >= NATIVE_BYTES) {
    return module().call((desk, end) => desk.canonicalize(end), contentId, content);
  }
  return module().call((desk, end) => desk.textId(end), decode, content);
}

/**
 * The same as {@link blobId}, for large contents: what the runtime can hash on another thread, it hashes there, and
 * faster. It does so in pages of secure origins; elsewhere this is {@link blobId}.
 *
 * @example
 * ```js
 * import { blobIdAsync } from "isoblob";
 *
 * await blobIdAsync("[1, 2, 3]"); // "a615eeaee21de5179de080de8c3052c8da901138406ba71c38c032845f7d54f4"
 * ```
 *
 * @throws {@link BlobError} as {@link blobId} does.
 */
export async function blobIdAsync(content: string | Uint8Array): Promise<string> {
  requireContent(content);
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (hasNative() || !subtle || content.length < ASYNC_BYTES) return blobId(content);
  // The bytes are copied before this returns.
  const digest = (bytes: Uint8Array<ArrayBuffer>) => subtle.digest("SHA-256", bytes);
  const hash =
    typeof content === "string"
      ? module().call((desk, end) => desk.canonicalize(end), digest, content)
      : digest(content as Uint8Array<ArrayBuffer>);
  return hex(new Uint8Array(await hash));
}

/** Digits of bytes. */
export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function contentId(content: Uint8Array): string {
  if (content.length < NATIVE_BYTES) return module().call((desk, end) => desk.contentId(end), decode, content);
  const hasher = newHasher();
  hasher.update(content);
  return hasher.finish();
}

/**
 * The canonical form of a JSON text: RFC 8785 (JSON Canonicalization Scheme), except that integers keep every digit and
 * that a repeated key is an error. A string gives a string; a text in UTF-8 gives UTF-8.
 *
 * @example
 * ```js
 * import { canonicalize } from "isoblob";
 *
 * canonicalize('{"n": 505874924095815681, "e": 1.0e21}'); // '{"e":1e+21,"n":505874924095815681}'
 * ```
 *
 * @throws {@link BlobError} as {@link blobId} does; with code `invalid_utf8` for bytes that are not UTF-8.
 */
export function canonicalize(text: string): string;
export function canonicalize(text: Uint8Array): Uint8Array<ArrayBuffer>;
export function canonicalize(text: string | Uint8Array): string | Uint8Array<ArrayBuffer>;
export function canonicalize(text: Content): string | Uint8Array<ArrayBuffer> {
  requireContent(text);
  return typeof text === "string" ? canonicalText(text) : canonicalBytes(text);
}

/** The canonical form as a string. */
export function canonicalText(text: Content): string {
  return module().call((desk, end) => desk.canonicalize(end), decode, text);
}

/** The canonical form in UTF-8. */
export function canonicalBytes(text: Content): Uint8Array<ArrayBuffer> {
  return module().call(
    (desk, end) => desk.canonicalize(end),
    (output) => output.slice(),
    text,
  );
}

/**
 * Whether the content has this id. As for {@link blobId}, a string is a JSON text, in whatever form it is written, and
 * a `Uint8Array` is the content as it is: what a raw get answered.
 *
 * @example
 * ```js
 * import { verify } from "isoblob";
 *
 * verify("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", " { } "); // true
 * ```
 *
 * @throws {@link BlobError} with code `invalid_id` where the id is not 64 lowercase hex digits, and as {@link blobId}
 * does where the string is no JSON text.
 */
export function verify(id: string, content: string | Uint8Array): boolean {
  requireId(id);
  return blobId(content) === id;
}
