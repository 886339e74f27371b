/**
 * The same functions as `isoblob`, loaded by hand. Call {@link init} or {@link initSync} once, before any other.
 *
 * @packageDocumentation
 */
import { load, loaded, initSync as loadSync } from "./core.js";

/** From where {@link init} can load. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly, from the file beside the package unless told otherwise. Later calls do nothing.
 *
 * @example
 * ```js
 * import { readFile } from "node:fs/promises";
 * import { fileURLToPath } from "node:url";
 * import { blobId, init } from "isoblob/manual";
 *
 * await init(readFile(fileURLToPath(import.meta.resolve("isoblob/isoblob.wasm"))));
 * blobId("{}"); // "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
 * ```
 */
export async function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
  loaded(await load(source === undefined ? undefined : { module_or_path: source }));
}

/**
 * Loads the WebAssembly from its bytes or its module, at once. Later calls do nothing.
 *
 * @example
 * ```js
 * import { readFileSync } from "node:fs";
 * import { fileURLToPath } from "node:url";
 * import { blobId, initSync } from "isoblob/manual";
 *
 * initSync(readFileSync(fileURLToPath(import.meta.resolve("isoblob/isoblob.wasm"))));
 * blobId("{}"); // "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
 * ```
 */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  loaded(loadSync({ module: source }));
}

export * from "./index.js";
