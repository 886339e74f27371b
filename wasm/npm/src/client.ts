// The client of the Blob HTTP API.
import { receive } from "../generated/isoblob.js";
import { VerifiedBlob } from "./client/blob.js";
import { type ClientOptions, type Exchange, type RequestOptions, exchange, refusal } from "./client/exchange.js";
import { pooled } from "./client/pooled.js";
import { ResolvedBlob, referencesOf } from "./client/resolved.js";
import { blobIdAsync, canonicalBytes, hex } from "./content.js";
import { BlobError, mismatch } from "./error.js";
import { type Progress, hashFile } from "./hash-file.js";
import { module } from "./module.js";
import type { BlobType } from "./references.js";
import { isBytes, isId, requireContent, requireId } from "./text.js";

/** How to store a blob. */
export interface PutOptions extends RequestOptions {
  /** The name of a file, which the server keeps with the first put that has one. */
  filename?: string;
  /**
   * Is called as the blob is sent, and once it is stored. Only `XMLHttpRequest` tells how much was sent; where there is
   * none, as in Node and in service workers, or where the client has a `fetch` of its own, only the end is told.
   */
  onSent?: (progress: Progress) => void;
}

/** How to store a text. */
export interface PutTextOptions extends PutOptions {
  /** `data` unless told otherwise. A `flow` must have the shape of a Stepflow workflow definition. */
  type?: "data" | "flow";
}

/** How to store a file. */
export interface PutBinaryOptions extends PutOptions {
  /** Is called while the content is hashed, which comes before it is sent. */
  onProgress?: (progress: Progress) => void;
}

/** How to get a blob. */
export interface GetOptions extends RequestOptions {
  /** Is called whenever bytes have arrived. */
  onProgress?: (progress: Progress) => void;
}

/** How to ask for many blobs. */
export interface ManyOptions extends RequestOptions {
  /** The number of requests at once, 6 unless told otherwise. */
  concurrency?: number;
}

/** How far to follow references. */
export interface ResolveOptions extends ManyOptions {
  /** The number of references, one inside the other, that are followed: 16 unless told otherwise. */
  maxDepth?: number;
  /** The most blobs that are fetched: 10,000 unless told otherwise. */
  maxBlobs?: number;
}

const RAW = "application/octet-stream";

/** From this many bytes on, it is asked whether the server has a blob before it is sent. */
const ASK_BYTES = 2 ** 14;

/** The most ids in one request. */
const BATCH_IDS = 256;

/** By how much they say. A put of one that says more is no put of what is there. */
const TYPES: readonly BlobType[] = ["binary", "data", "flow"];

/**
 * A client of the Blob HTTP API that trusts no answer. It uses the `fetch` of the runtime, and repeats what failed by
 * overload or on the way, as every request may be repeated.
 *
 * @example
 * ```js
 * import { BlobClient } from "isoblob";
 *
 * const blobs = new BlobClient("http://localhost:7837/api/v1/blobs");
 * const id = await blobs.put('{"order": 505874924095815681}');
 * const blob = await blobs.get(id); // rejects unless the bytes hash to `id`
 * blob.text(); // '{"order":505874924095815681}'
 * blob.value(); // { order: 505874924095815681n }
 * ```
 */
export class BlobClient {
  /** Where the blobs are, without a slash at the end. */
  readonly url: string;
  readonly #options: ClientOptions;

  /** `url` is where the blobs are, as in Stepflow's `blobApi.url`; in a page it may be relative. */
  constructor(url: string | URL, options: ClientOptions = {}) {
    if (typeof url !== "string" && !(url instanceof URL)) throw new TypeError("the URL must be a string or a URL");
    this.url = String(url).replace(/\/+$/, "");
    this.#options = options;
  }

  /**
   * Stores a JSON text, given as a string or in UTF-8, and resolves to its id. The text is checked and its id computed
   * before anything is sent, and its canonical form is what is sent; nothing is if the server has a large one already.
   *
   * @throws {@link BlobError} as {@link blobId} does; `network` or `timeout` where there was no answer; `mismatch` where
   * the server answered another id than the text has, `invalid_answer` where it answered none; and what the server
   * refused, with its own reason as the code, such as `invalid_flow`, or `http`.
   */
  async put(text: string | Uint8Array, { type = "data", ...options }: PutTextOptions = {}): Promise<string> {
    requireContent(text, "the text");
    if (type !== "data" && type !== "flow") throw new TypeError('the type must be "data" or "flow"');
    const canonical = canonicalBytes(text);
    const id = await blobIdAsync(canonical);
    const envelope = new Blob([`{"blobType":"${type}","data":`, canonical, "}"], { type: "application/json" });
    return this.#store(id, type, envelope, options);
  }

  /**
   * Stores bytes as they are, and resolves to their id: of a `File` or `Blob` of any size, which is read twice rather than
   * held in memory, or a `Uint8Array`.
   *
   * @throws {@link BlobError} as {@link BlobClient.put} does.
   */
  async putBinary(content: Blob | Uint8Array, { onProgress, ...options }: PutBinaryOptions = {}): Promise<string> {
    if (!(content instanceof Blob) && !isBytes(content)) throw new TypeError("the content must be a Blob or a Uint8Array");
    const { signal } = options;
    const hashing = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
    const id = content instanceof Blob ? await hashFile(content, hashing) : await blobIdAsync(content);
    const body = new Blob([content as BlobPart], { type: RAW });
    return this.#store(id, "binary", body, options);
  }

  /**
   * Fetches a blob, hashes it while it arrives, and resolves only if that gives the id that was asked for.
   *
   * @throws {@link BlobError} with code `mismatch` where the server answered anything else; `not_found`; `invalid_id`;
   * `network` or `timeout` where there was no answer or not the whole of it; and what the server refused, with its own
   * reason as the code, or `http`.
   */
  async get(id: string, options: GetOptions = {}): Promise<VerifiedBlob> {
    requireId(id);
    try {
      return await this.#fetch(id, "default", options);
    } catch (error) {
      if (!(error instanceof BlobError) || error.code !== "mismatch") throw error;
      // The wrong bytes may be the browser's memory of an earlier answer, which was said to be good for ever.
      return this.#fetch(id, "reload", options);
    }
  }

  /** The bytes of a blob, verified as by {@link BlobClient.get}. */
  async getBinary(id: string, options?: GetOptions): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.get(id, options)).bytes;
  }

  /**
   * Fetches many blobs, each verified, and resolves to those that there are, by their ids. Each comes by a request of its
   * own, so that caches keep it.
   *
   * @throws {@link BlobError} as {@link BlobClient.get} does, but not for what is not found.
   */
  async getMany(ids: Iterable<string>, { concurrency = 6, ...options }: ManyOptions = {}): Promise<Map<string, VerifiedBlob>> {
    const distinct = distinctIds(ids);
    const found = await pooled(distinct, concurrency, (id) => this.get(id, options).catch(orNothing));
    return new Map(found.filter((blob) => blob !== undefined).map((blob) => [blob.id, blob]));
  }

  /**
   * Whether the server has a blob.
   *
   * @throws {@link BlobError} as {@link BlobClient.get} does, but not for what is not found.
   */
  async has(id: string, options: RequestOptions = {}): Promise<boolean> {
    requireId(id);
    return (await this.#held(id, options)) !== undefined;
  }

  /**
   * Which of these blobs the server does not have, in their order. It takes one request for 256 ids, or one for each where
   * the server knows no such request.
   *
   * @throws {@link BlobError} as {@link BlobClient.has} does.
   */
  async missing(ids: Iterable<string>, { concurrency = 6, ...options }: ManyOptions = {}): Promise<string[]> {
    const distinct = distinctIds(ids);
    const batches: string[][] = [];
    for (let at = 0; at < distinct.length; at += BATCH_IDS) batches.push(distinct.slice(at, at + BATCH_IDS));
    const missing = await pooled(batches, concurrency, async (batch) => {
      const answered = await this.#missingOf(batch, options);
      if (answered) return answered;
      const held = await pooled(batch, concurrency, (id) => this.has(id, options));
      return batch.filter((_, index) => !held[index]);
    });
    return missing.flat();
  }

  /**
   * Fetches a blob and all blobs that it refers to, and those that they refer to, each verified.
   *
   * @throws {@link BlobError} as {@link BlobClient.get} does; also `not_found` for a blob that is referred to, and
   * `too_many_blobs`.
   */
  async resolve(
    id: string,
    { concurrency = 6, maxDepth = 16, maxBlobs = 10_000, ...options }: ResolveOptions = {},
  ): Promise<ResolvedBlob> {
    const root = await this.get(id, options);
    const blobs = new Map([[id, root]]);
    let beyond: string[] = [];
    for (let depth = 0, level = [root]; level.length > 0; depth += 1) {
      const referred = level.flatMap((blob) => referencesOf(blob).map((reference) => reference.id));
      const next = [...new Set(referred)].filter((other) => !blobs.has(other));
      if (depth >= maxDepth) {
        beyond = next;
        break;
      }
      if (blobs.size + next.length > maxBlobs) {
        throw new BlobError(`more than ${maxBlobs} blobs are referred to`, { code: "too_many_blobs" });
      }
      level = await pooled(next, concurrency, (other) => this.get(other, options));
      for (const blob of level) blobs.set(blob.id, blob);
    }
    return new ResolvedBlob(root, blobs, beyond);
  }

  #exchange<T>(
    request: Exchange,
    options: RequestOptions,
    read: Parameters<typeof exchange<T>>[3],
  ): Promise<T> {
    return exchange(this.#options, request, options, read);
  }

  #fetch(id: string, cache: RequestCache, { onProgress, ...options }: GetOptions): Promise<VerifiedBlob> {
    module();
    const request = { url: `${this.url}/${id}`, method: "GET", headers: { accept: RAW }, cache };
    return this.#exchange(request, options, async (answer, arrived) => {
      if (answer.status !== 200) throw await notGot(id, answer);
      // What is compressed on the way has another length.
      const stated = answer.headers.get("content-encoding") === null ? answer.headers.get("content-length") : null;
      const pieces: Uint8Array[] = [];
      let loaded = 0;
      const digest = await receive(answer, (piece: Uint8Array) => {
        pieces.push(piece);
        loaded += piece.length;
        arrived(() => onProgress?.({ loaded, ...(stated !== null && { total: Number(stated) }) }));
      });
      const actual = hex(digest);
      if (actual !== id) throw mismatch(`the bytes hash to ${actual}, not to ${id}`, id, actual);
      return new VerifiedBlob(id, typeOf(answer), joined(pieces, loaded));
    });
  }

  /** The type of a blob that the server has. */
  #held(id: string, options: RequestOptions): Promise<BlobType | undefined> {
    const request = { url: `${this.url}/${id}`, method: "HEAD", headers: { accept: RAW } };
    return this.#exchange(request, options, async (answer) => {
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw await refusal(answer);
      return typeOf(answer);
    });
  }

  async #store(id: string, type: BlobType, body: Blob, { filename, onSent, ...options }: PutOptions): Promise<string> {
    const { size: total, type: mediaType } = body;
    const sent = onSent && ((loaded: number) => onSent({ loaded, total }));
    if (total >= ASK_BYTES) {
      // A server that knows no HEAD may still take it.
      const held = await this.#held(id, options).catch(() => undefined);
      if (held && TYPES.indexOf(held) >= TYPES.indexOf(type)) {
        sent?.(total);
        return id;
      }
      options.signal?.throwIfAborted();
    }
    const headers = { "content-type": mediaType, ...(filename && { "x-blob-filename": byteString(filename) }) };
    const request = { url: this.url, method: "POST", headers, body, length: total, onSent: sent };
    return this.#exchange(request, options, async (answer, arrived) => {
      if (answer.status !== 200) throw await refusal(answer);
      const stored = (await jsonOf(answer))?.["blobId"];
      if (stored === id) {
        arrived(() => sent?.(total));
        return id;
      }
      if (isId(stored)) throw mismatch(`the server stored ${stored}, not ${id}`, id, stored);
      throw new BlobError("the server answered without the id of the blob", { code: "invalid_answer", status: 200 });
    });
  }

  /** The missing ones of some ids, or nothing if the server knows no such request. */
  #missingOf(ids: readonly string[], options: RequestOptions): Promise<string[] | undefined> {
    const url = this.url.replace(/\/[^/]*$/, "/batch/missing");
    const headers = { "content-type": "application/json" };
    const request = { url, method: "POST", headers, body: JSON.stringify({ blobIds: ids }) };
    return this.#exchange(request, options, async (answer) => {
      if (answer.status === 404 || answer.status === 405) return undefined;
      if (answer.status !== 200) throw await refusal(answer);
      const missing = (await jsonOf(answer))?.["missing"];
      if (Array.isArray(missing) && missing.every(isId)) return missing;
      throw new BlobError("the server answered without the missing ids", { code: "invalid_answer", status: 200 });
    });
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function distinctIds(ids: Iterable<string>): string[] {
  const distinct = [...new Set(ids)];
  distinct.forEach(requireId);
  return distinct;
}

function orNothing(error: unknown): undefined {
  if (!(error instanceof BlobError) || error.code !== "not_found") throw error;
}

async function notGot(id: string, answer: Response): Promise<BlobError> {
  if (answer.status !== 404) return refusal(answer);
  return new BlobError(`there is no blob ${id}`, { code: "not_found", status: 404 });
}

/** The type that the server states; `data` where it states none that is known. */
function typeOf(answer: Response): BlobType {
  const stated = answer.headers.get("x-blob-type") as BlobType;
  return TYPES.includes(stated) ? stated : "data";
}

async function jsonOf(answer: Response): Promise<Record<string, unknown> | undefined> {
  const text = await answer.text();
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A text in UTF-8 as a header holds it: a character for each byte. */
const byteString = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));
