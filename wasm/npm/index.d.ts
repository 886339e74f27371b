/**
 * One id for the same JSON, everywhere: canonical form, SHA-256, and a client that verifies what it fetched.
 *
 * Importing `isoblob` loads its WebAssembly; every function here then answers at once. Where an import may not wait,
 * as in a service worker, use `isoblob/manual`.
 *
 * @packageDocumentation
 */

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
 * blobId('{"b": 1, "a": 2}') === blobId('{"a":2,"b":1}'); // true
 * ```
 *
 * @throws {@link BlobError} where the string is no JSON text, repeats a key, nests more than 127 containers, holds a
 * number that no double reaches, or is longer than 256 MiB in UTF-8. Its `code` says which.
 */
export function blobId(content: string | Uint8Array): string;

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
export function verify(id: string, content: string | Uint8Array): boolean;

/** What the content of a blob is: any JSON, a Stepflow workflow definition, or any bytes. */
export type BlobType = "data" | "flow" | "binary";

/** How to store a text. */
export interface PutOptions {
  /** `data` unless told otherwise. A `flow` must have the shape of a Stepflow workflow definition. */
  type?: "data" | "flow";
}

/**
 * A client of the Blob HTTP API that trusts no answer. It uses the `fetch` of the runtime.
 *
 * @example
 * ```js
 * import { BlobClient } from "isoblob";
 *
 * const blobs = new BlobClient("http://localhost:7837/api/v1/blobs");
 * const id = await blobs.put('{"order": 505874924095815681}');
 * const blob = await blobs.get(id); // rejects unless the bytes hash to `id`
 * blob.text(); // '{"order":505874924095815681}'
 * ```
 */
export class BlobClient {
  /** `url` is where the blobs are, as in Stepflow's `blobApi.url`; in a page it may be relative. */
  constructor(url: string | URL);

  /** Where the blobs are, without a slash at the end. */
  readonly url: string;

  /**
   * Stores a JSON text, given as a string or in UTF-8, and resolves to its id. The text is checked and its id computed
   * before anything is sent, and its canonical form is what is sent.
   *
   * @throws {@link BlobError} as {@link blobId} does; with code `invalid_flow`; `network` where there was no answer;
   * `mismatch` where the server answered another id than the text has, `invalid_answer` where it answered none; and
   * what the server refused, with its own reason as the code, or `http`.
   */
  put(text: string | Uint8Array, options?: PutOptions): Promise<string>;

  /**
   * Fetches the content of a blob, hashes it, and resolves only if that gives the id that was asked for.
   *
   * @throws {@link BlobError} with code `mismatch` where the server answered anything else; `not_found`; `invalid_id`;
   * `network` where there was no answer or not the whole of it; and what the server refused, with its own reason as the
   * code, or `http`.
   */
  get(id: string): Promise<VerifiedBlob>;
}

/** The content of a blob, known to hash to its id. Only a {@link BlobClient} makes one. */
export class VerifiedBlob {
  private constructor();

  /** The id that was asked for, which is the SHA-256 of `bytes`. */
  readonly id: string;

  /** What the server says that the content is. It is not part of the id, so nothing proves it. */
  readonly type: BlobType;

  /** The content: for JSON the canonical form in UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /**
   * The content as a string.
   *
   * @throws {@link BlobError} with code `invalid_utf8` where it is not UTF-8.
   */
  text(): string;
}

/**
 * What is wrong, and where.
 *
 * @example
 * ```js
 * import { BlobError, blobId } from "isoblob";
 *
 * try {
 *   blobId('{"a": 1, "a": 2}');
 * } catch (error) {
 *   if (!(error instanceof BlobError)) throw error;
 *   error.code; // "duplicate_key"
 *   [error.line, error.column, error.pointer]; // [1, 10, "/a"]
 * }
 * ```
 */
export class BlobError extends Error {
  private constructor();

  readonly name: "BlobError";

  /**
   * What is wrong, in one stable word, `snake_case`. Of a text: `too_large`, `invalid_utf8`, `byte_order_mark`,
   * `unexpected_end`, `unexpected_character`, `trailing_characters`, `invalid_number`, `number_out_of_range`,
   * `control_character`, `invalid_escape`, `lone_surrogate` (also for a string that holds half of a surrogate pair
   * itself), `duplicate_key`, `too_deep`, `invalid_flow`. Of an exchange: `invalid_id`, `not_found`, `mismatch`,
   * `network`, `http`, `invalid_answer`, and any other reason that a server gives.
   */
  readonly code: string;

  /** The number of bytes of the text, in UTF-8, before the fault. */
  readonly offset?: number;

  /** The line of the fault, the first being 1. Lines end with a line feed. */
  readonly line?: number;

  /** The character of the line, the first being 1. Code points are counted, not UTF-16 code units. */
  readonly column?: number;

  /** The JSON Pointer (RFC 6901) of the innermost value that holds the fault; empty for the whole document. */
  readonly pointer?: string;

  /** The HTTP status, where an answer is what is wrong. */
  readonly status?: number;

  /** Of a `mismatch`: the id that there had to be. */
  readonly expected?: string;

  /** Of a `mismatch`: the id that there was. */
  readonly actual?: string;

  /** Of a failure of the `network`: what `fetch` rejected with. */
  readonly cause?: unknown;
}
