// All that the entries share, in one file, so that they share the module, too.

/** @internal */
export { default as load, initSync } from "../generated/isoblob.js";
/** @internal */
export { Channel, decode } from "./channel.js";
/** @internal */
export { canonicalBytes } from "./content.js";
/** @internal */
export { loaded, useNative } from "./module.js";
/** @internal */
export { isId, requireContent } from "./text.js";

export { VerifiedBlob } from "./client/blob.js";
export type { ClientOptions, RequestOptions } from "./client/exchange.js";
export { ResolvedBlob } from "./client/resolved.js";
export {
  BlobClient,
  type GetOptions,
  type ManyOptions,
  type PutBinaryOptions,
  type PutOptions,
  type PutTextOptions,
  type ResolveOptions,
} from "./client.js";
export { blobId, blobIdAsync, canonicalize, verify } from "./content.js";
export { BlobError, type BlobErrorDetails } from "./error.js";
export { type HashFileOptions, type Progress, hashFile } from "./hash-file.js";
export { type Numbers, type ParseOptions, parse, roundedNumbers } from "./numbers.js";
export { type BlobType, type Reference, findReferences } from "./references.js";
export { blobIdOfValue, stringify } from "./value.js";
