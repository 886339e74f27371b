// The one class of error.

/** The members of a {@link BlobError} beside its message. */
export interface BlobErrorDetails {
  code: string;
  offset?: number;
  line?: number;
  column?: number;
  pointer?: string;
  side?: "one" | "other";
  status?: number;
  expected?: string;
  actual?: string;
  cause?: unknown;
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
  /**
   * What is wrong, in one stable word, `snake_case`.
   *
   * Of a text: `too_large`, `invalid_utf8`, `byte_order_mark`, `unexpected_end`, `unexpected_character`,
   * `trailing_characters`, `invalid_number`, `number_out_of_range`, `control_character`, `invalid_escape`,
   * `lone_surrogate` (also for a string that holds half of a surrogate pair itself), `duplicate_key`, `too_deep`,
   * `invalid_flow`, `out_of_memory`. Of a value: `not_json`. Of an exchange: `invalid_id`, `not_found`, `mismatch`,
   * `network`, `timeout`, `http`, `invalid_answer`, `too_many_blobs`, and any other reason that a server gives.
   */
  readonly code!: string;

  /** The number of bytes of the text, in UTF-8, before the fault. */
  readonly offset?: number;

  /** The line of the fault, the first being 1. Lines end with a line feed. */
  readonly line?: number;

  /** The character of the line, the first being 1. Code points are counted, not UTF-16 code units. */
  readonly column?: number;

  /** The JSON Pointer (RFC 6901) of the innermost value that holds the fault; empty for the whole document. */
  readonly pointer?: string;

  /** Of two texts that are compared: which one is at fault. */
  readonly side?: "one" | "other";

  /** The HTTP status, where an answer is what is wrong. */
  readonly status?: number;

  /** Of a `mismatch`: the id that there had to be. */
  readonly expected?: string;

  /** Of a `mismatch`: the id that there was. */
  readonly actual?: string;

  /** @internal */
  constructor(message: string, { cause, ...details }: BlobErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, details);
  }

  static {
    // On the prototype and not enumerable, like the names of the language's own errors.
    Object.defineProperty(this.prototype, "name", { value: "BlobError", configurable: true, writable: true });
  }
}

/** Bytes that do not hash to the id that was asked for, or a put that was stored under another one. */
export function mismatch(message: string, expected: string, actual: string): BlobError {
  return new BlobError(message, { code: "mismatch", expected, actual });
}
