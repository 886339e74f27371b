/**
 * The same functions as `isoblob`, loaded by hand. Call {@link init} or {@link initSync} once, before any other.
 *
 * @packageDocumentation
 */

export * from "./index.js";

/** From where {@link init} can load. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WebAssembly, from the file beside the package unless told otherwise. Later calls do nothing.
 *
 * @example
 * ```js
 * import { blobId, init } from "isoblob/manual";
 *
 * await init("/assets/isoblob.wasm");
 * blobId("{}");
 * ```
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void>;

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
 * blobId("{}");
 * ```
 */
export function initSync(source: BufferSource | WebAssembly.Module): void;
