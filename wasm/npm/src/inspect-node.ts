// For Node, Deno and Bun.
import { readFileSync } from "node:fs";

import { initSync, loaded } from "./inspector.js";

loaded(initSync({ module: readFileSync(new URL("./inspect_bg.wasm", import.meta.url)) }));

export * from "./inspect.js";
