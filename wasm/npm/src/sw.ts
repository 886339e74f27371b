/**
 * Blobs in a service worker: verified before a page sees them, and kept, as what an id names never changes.
 *
 * @packageDocumentation
 */
import { BlobClient, BlobError, type VerifiedBlob, isId } from "./core.js";
import { type WasmSource, init } from "./manual.js";

/** How to keep blobs. */
export interface BlobCacheOptions {
  /** Where the blobs are: the path that `/{id}` follows. `/api/v1/blobs` unless told otherwise. */
  path?: string;
  /** The name of the cache: `isoblob` unless told otherwise. Another name begins anew. */
  name?: string;
  /** The most bytes that are kept, 64 MiB unless told otherwise. What was kept first goes first. */
  maxBytes?: number;
  /** The largest blob that is kept, in bytes: 8 MiB unless told otherwise. */
  maxBlobBytes?: number;
  /** From where the WebAssembly comes, if not from beside the script. */
  wasm?: WasmSource | Promise<WasmSource>;
}

/** What of an event of a service worker is needed. */
export interface WaitingEvent {
  /** Keeps the worker alive until the promise has settled. */
  waitUntil(promise: Promise<unknown>): void;
}

/** What of a fetch is needed. */
export interface RequestEvent extends WaitingEvent {
  /** What is fetched. */
  readonly request: Request;
  /** Answers in place of the network. */
  respondWith(response: Promise<Response>): void;
}

/** Names of caches end with the version of what they hold. */
const VERSION = "v1";

/**
 * A handler for the fetches of raw blobs, which are those with `accept: application/octet-stream`, of which a
 * {@link BlobClient} makes all. It answers from the cache, or fetches, verifies and keeps; what does not hash to its id
 * becomes a network error. Every other request is left alone.
 *
 * @example
 * ```js
 * // The service worker, a module or bundled.
 * import { BlobCache } from "isoblob/sw";
 *
 * const blobs = new BlobCache({ maxBytes: 256 * 2 ** 20 });
 * addEventListener("fetch", (event) => blobs.handleFetch(event));
 * addEventListener("activate", (event) => blobs.handleActivate(event));
 * ```
 */
export class BlobCache {
  readonly #path: string;
  readonly #prefix: string;
  readonly #name: string;
  readonly #maxBytes: number;
  readonly #maxBlobBytes: number;
  readonly #wasm: WasmSource | Promise<WasmSource> | undefined;
  #ready: Promise<void> | undefined;
  /** The sizes of what is kept, in bytes, by its URL and in the order of its age, once they were looked at. */
  #sizes: Map<string, number> | undefined;
  /** Keeping is done one after another, so that what is there is counted right. */
  #keeping: Promise<unknown> = Promise.resolve();

  constructor({
    path = "/api/v1/blobs",
    name = "isoblob",
    maxBytes = 64 * 2 ** 20,
    maxBlobBytes = 8 * 2 ** 20,
    wasm,
  }: BlobCacheOptions = {}) {
    this.#path = path.replace(/\/+$/, "");
    this.#prefix = `${name}-blobs-`;
    this.#name = this.#prefix + VERSION;
    this.#maxBytes = maxBytes;
    this.#maxBlobBytes = Math.min(maxBlobBytes, maxBytes);
    this.#wasm = wasm;
  }

  /** Answers the fetch of a raw blob. Whether it does: if not, others may. */
  handleFetch(event: RequestEvent): boolean {
    const id = this.#idOf(event.request);
    if (id === undefined) return false;
    event.respondWith(this.#answer(event, id));
    return true;
  }

  /** Drops the caches of older versions. */
  handleActivate(event: WaitingEvent): void {
    const isOlder = (name: string) => name.startsWith(this.#prefix) && name !== this.#name;
    const drop = async () => Promise.all((await caches.keys()).filter(isOlder).map((name) => caches.delete(name)));
    event.waitUntil(drop());
  }

  #idOf(request: Request): string | undefined {
    const { origin, pathname, search } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin || search !== "" || request.headers.has("range")) return;
    if (request.headers.get("accept") !== "application/octet-stream") return;
    const at = pathname.lastIndexOf("/");
    const id = pathname.slice(at + 1);
    return pathname.slice(0, at) === this.#path && isId(id) ? id : undefined;
  }

  async #answer(event: RequestEvent, id: string): Promise<Response> {
    const url = event.request.url;
    const cache = await caches.open(this.#name);
    // A client that was given wrong bytes asks for others.
    const kept = event.request.cache === "reload" ? undefined : await cache.match(url);
    if (kept) return kept;
    const authorization = event.request.headers.get("authorization");
    const client = new BlobClient(url.slice(0, url.lastIndexOf("/")), {
      retries: 0,
      ...(authorization !== null && { headers: { authorization } }),
    });
    try {
      this.#ready ??= init(this.#wasm);
      await this.#ready;
      const blob = await client.get(id, { signal: event.request.signal });
      if (blob.bytes.length <= this.#maxBlobBytes) event.waitUntil(this.#keep(cache, url, blob));
      return responseOf(blob);
    } catch (error) {
      // A refusal is for the page to read.
      if (error instanceof BlobError && error.status !== undefined) return fetch(event.request);
      return Response.error();
    }
  }

  #keep(cache: Cache, url: string, blob: VerifiedBlob): Promise<unknown> {
    const keep = async () => {
      const sizes = (this.#sizes ??= await sizesIn(cache));
      let total = blob.bytes.length;
      for (const size of sizes.values()) total += size;
      for (const [older, size] of sizes) {
        if (total <= this.#maxBytes) break;
        await cache.delete(older);
        sizes.delete(older);
        total -= size;
      }
      await cache.put(url, responseOf(blob));
      sizes.set(url, blob.bytes.length);
    };
    // A full disk keeps nothing, and breaks nothing.
    this.#keeping = this.#keeping.then(keep).catch(() => (this.#sizes = undefined));
    return this.#keeping;
  }
}

async function sizesIn(cache: Cache): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    sizes.set(request.url, Number(kept?.headers.get("content-length")));
  }
  return sizes;
}

function responseOf({ id, type, bytes }: VerifiedBlob): Response {
  const headers = {
    "content-type": "application/octet-stream",
    "content-length": String(bytes.length),
    "cache-control": "public, max-age=31536000, immutable",
    etag: `"${id}"`,
    "x-blob-type": type,
  };
  return new Response(bytes, { headers });
}
