// For Cloudflare's workers and their kin.
import module from "isoblob/inspect.wasm";

import { initSync, loaded } from "./inspector.js";

loaded(initSync({ module }));

export * from "./inspect.js";
