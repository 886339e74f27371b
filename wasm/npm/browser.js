// For browsers, their workers, and bundlers: ready on import. Bundlers find the wasm by the URL in `dist/isoblob.js`.
import init from "./dist/isoblob.js";

await init();

export * from "./api.js";
