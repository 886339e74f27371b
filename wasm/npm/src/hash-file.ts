// The id of what is too large for memory.
import { newHasher } from "./module.js";

/** How far something is. */
export interface Progress {
  /** The bytes that are done. */
  loaded: number;
  /** The bytes that there are, where that is known. */
  total?: number;
}

/** How to hash a file. */
export interface HashFileOptions {
  /** Is called after each piece. */
  onProgress?: (progress: Progress) => void;
  /** Ends it: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The id of a binary blob of any size, read piece by piece in constant memory: of a `File`, a `Blob` or a stream of bytes.
 *
 * For a JSON text there is no such thing, as its canonical form is known when the text has ended: see
 * {@link canonicalize}, and `isoblob/pool` for large ones.
 *
 * @example
 * ```js
 * import { hashFile } from "isoblob";
 *
 * await hashFile(new Blob(["content"]), { onProgress: ({ loaded, total }) => console.log(loaded, total) });
 * // "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
 * ```
 *
 * @throws what the stream fails with, and the signal's reason.
 */
export async function hashFile(
  file: Blob | ReadableStream<Uint8Array>,
  { onProgress, signal }: HashFileOptions = {},
): Promise<string> {
  signal?.throwIfAborted();
  const total = file instanceof Blob ? file.size : undefined;
  const reader = (file instanceof Blob ? file.stream() : file).getReader();
  const hasher = newHasher();
  const abort = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", abort);
  try {
    for (let loaded = 0; ; ) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) break;
      hasher.update(value);
      loaded += value.length;
      onProgress?.({ loaded, ...(total !== undefined && { total }) });
    }
    return hasher.finish();
  } catch (error) {
    hasher.finish();
    await reader.cancel(error).catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
