// What the page and its workers say to each other.

/** Where the page's own server keeps blobs. */
export const BLOBS = "/api/v1/blobs";

/** A JSON text, wherever it comes from. */
export type Source = string | Blob;

export interface Canonical {
  id: string;
  /** The canonical form, in UTF-8. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The number of bytes of the text that it was made from. */
  sourceBytes: number;
}

export interface Fetched {
  /** The content, which was seen to hash to the id that was asked for. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What the server says that the content is. */
  type: string;
  content: Content;
}

/** What a content is seen to be: JSON in its canonical form, some other text in UTF-8, or any bytes. */
export type Content = "json" | "text" | "bytes";

/** A `BlobError` as it passes between threads, which would strip an `Error` of everything but its message. */
export interface Fault {
  code: string;
  message: string;
  offset?: number;
  line?: number;
  column?: number;
  pointer?: string;
  status?: number;
  expected?: string;
  actual?: string;
  excerpt?: Excerpt;
}

/** The part of a line around a fault. */
export interface Excerpt {
  before: string;
  /** The character at fault; empty at the end of the text. */
  at: string;
  after: string;
}

/** The operations of a worker, each with its argument and its result. */
export interface Operations {
  canonicalize: { argument: Source; result: Canonical };
  put: { argument: Uint8Array<ArrayBuffer>; result: string };
  get: { argument: string; result: Fetched };
}

export type Operation = keyof Operations;

export type Request = { [O in Operation]: { operation: O; argument: Operations[O]["argument"] } }[Operation];

/** What a worker says: once that it is loaded, then an answer to each request, in order. */
export type Message = { ready: true } | { result: unknown } | { fault: Fault };
