// The references to other blobs in a document.
import { decode } from "./channel.js";
import { module } from "./module.js";
import { type Content, requireContent } from "./text.js";

/** What the content of a blob is: any JSON, a Stepflow workflow definition, or any bytes. */
export type BlobType = "data" | "flow" | "binary";

/** A reference to another blob: `{"$blob": "<id>", "blobType": "…", "size": n}`. */
export interface Reference {
  /** The JSON Pointer (RFC 6901) of the reference; not there where it would be longer than 4096 bytes. */
  pointer?: string;
  /** The blob that is meant. */
  id: string;
  /** What it is said to be; `data` where nothing is said. */
  blobType: BlobType;
  /** Its size in bytes, as far as the reference says it in a whole number. */
  size?: number;
}

/**
 * The references in a JSON text, in the order of its canonical form. An object is one by its `$blob`, if that is an id;
 * nothing is looked for inside of it.
 *
 * @example
 * ```js
 * import { blobId, findReferences } from "isoblob";
 *
 * const id = blobId("[]");
 * findReferences(`{"in": {"$blob": "${id}", "blobType": "data"}}`); // [{ pointer: "/in", id, blobType: "data" }]
 * ```
 *
 * @throws {@link BlobError} as {@link blobId} does.
 */
export function findReferences(text: string | Uint8Array): Reference[] {
  requireContent(text as Content, "the text");
  return module().call(
    (desk, end) => desk.findReferences(end),
    (output) => JSON.parse(decode(output)) as Reference[],
    text,
  );
}
