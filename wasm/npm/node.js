// For Node: ready on import, without top-level await, so that CommonJS can `require` it where Node lets it.
import { readFileSync } from "node:fs";

import { initSync } from "./dist/isoblob.js";

initSync({ module: readFileSync(new URL("./dist/isoblob_bg.wasm", import.meta.url)) });

export * from "./api.js";
