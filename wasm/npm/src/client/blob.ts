// What a client hands out.
import { decode } from "../channel.js";
import { canonicalText } from "../content.js";
import { BlobError } from "../error.js";
import { type ParseOptions, parseCanonical, roundedOfCanonical } from "../numbers.js";
import { type BlobType, type Reference, findReferences } from "../references.js";

/** The content of a blob, known to hash to its id. Only a {@link BlobClient} makes one. */
export class VerifiedBlob {
  /** The id that was asked for, which is the SHA-256 of `bytes`. */
  readonly id: string;

  /** What the server says that the content is. It is not part of the id, so nothing proves it. */
  readonly type: BlobType;

  /** The content: for JSON the canonical form in UTF-8. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /** @internal */
  constructor(id: string, type: BlobType, bytes: Uint8Array<ArrayBuffer>) {
    this.id = id;
    this.type = type;
    this.bytes = bytes;
  }

  /**
   * The content as a string.
   *
   * @throws {@link BlobError} with code `invalid_utf8` where it is not UTF-8.
   */
  text(): string {
    try {
      return decode(this.bytes);
    } catch (cause) {
      throw new BlobError("the blob is not a text in UTF-8", { code: "invalid_utf8", cause });
    }
  }

  /**
   * The value of the content, which is JSON. Integers past 2^53 are `bigint`s, or rounded with `numbers: "plain"`.
   *
   * @throws {@link BlobError} as {@link canonicalize} does where it is no JSON.
   */
  value({ numbers = "lossless" }: ParseOptions = {}): unknown {
    return parseCanonical(canonicalText(this.bytes), numbers);
  }

  /** The JSON Pointers of the numbers that `numbers: "plain"` rounds. */
  roundedNumbers(): string[] {
    return roundedOfCanonical(canonicalText(this.bytes));
  }

  /** The references to other blobs in the content, which is JSON. */
  references(): Reference[] {
    return findReferences(this.bytes);
  }
}
