/**
 * One id for the same JSON, everywhere: canonical form, SHA-256, and a client that verifies what it fetched.
 *
 * Importing `isoblob` loads its WebAssembly; every function here then answers at once. Where an import may not wait, use
 * `isoblob/manual`.
 *
 * @packageDocumentation
 */

export {
  BlobClient,
  BlobError,
  type BlobErrorDetails,
  type BlobType,
  type ClientOptions,
  type GetOptions,
  type HashFileOptions,
  type ManyOptions,
  type Numbers,
  type ParseOptions,
  type Progress,
  type PutBinaryOptions,
  type PutOptions,
  type PutTextOptions,
  type Reference,
  type RequestOptions,
  type ResolveOptions,
  ResolvedBlob,
  VerifiedBlob,
  blobId,
  blobIdAsync,
  blobIdOfValue,
  canonicalize,
  findReferences,
  hashFile,
  parse,
  roundedNumbers,
  stringify,
  verify,
} from "./core.js";
