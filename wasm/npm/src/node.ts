// For Node, Deno and Bun: ready on import, without top-level await, so that CommonJS can `require` it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { initSync, loaded, useNative } from "./core.js";

loaded(initSync({ module: readFileSync(new URL("./isoblob_bg.wasm", import.meta.url)) }));

useNative(() => {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest("hex") };
});

export * from "./index.js";
