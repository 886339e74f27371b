// A blob and all that it refers to.
import { BlobError } from "../error.js";
import type { ParseOptions } from "../numbers.js";
import { replaceAt } from "../pointer.js";
import type { Reference } from "../references.js";
import type { VerifiedBlob } from "./blob.js";

/** The references of a blob; bytes that are no JSON have none. */
export function referencesOf(blob: VerifiedBlob): Reference[] {
  if (blob.type === "binary") return [];
  try {
    return blob.references();
  } catch (error) {
    if (error instanceof BlobError) return [];
    throw error;
  }
}

/** A blob, and the blobs that it refers to, each verified. Only {@link BlobClient.resolve} makes one. */
export class ResolvedBlob {
  /** The blob that was asked for. */
  readonly root: VerifiedBlob;

  /** All blobs by their ids, with the root. */
  readonly blobs: ReadonlyMap<string, VerifiedBlob>;

  /** The ids of blobs that are referred to, but deeper than was asked for. */
  readonly beyond: readonly string[];

  /** @internal */
  constructor(root: VerifiedBlob, blobs: ReadonlyMap<string, VerifiedBlob>, beyond: readonly string[]) {
    this.root = root;
    this.blobs = blobs;
    this.beyond = beyond;
  }

  /**
   * The value of the root, with the value of another blob in place of each reference; of a binary blob, its bytes. A blob
   * that is referred to more than once is one value in several places. References beyond stay as they are.
   */
  value(options?: ParseOptions): unknown {
    const values = new Map<string, unknown>();
    const valueOf = (blob: VerifiedBlob): unknown => {
      if (values.has(blob.id)) return values.get(blob.id);
      let value = blob.type === "binary" ? blob.bytes : blob.value(options);
      for (const { pointer, id } of referencesOf(blob)) {
        const other = this.blobs.get(id);
        if (other && pointer !== undefined) value = replaceAt(value, pointer, valueOf(other));
      }
      values.set(blob.id, value);
      return value;
    };
    return valueOf(this.root);
  }
}
