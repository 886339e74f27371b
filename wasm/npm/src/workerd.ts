// For Cloudflare's workers and their kin, where an import of WebAssembly is its compiled module.
import module from "isoblob/isoblob.wasm";

import { initSync, loaded } from "./core.js";

loaded(initSync({ module }));

export * from "./index.js";
