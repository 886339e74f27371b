// Makes `dist` of `src` and `generated`: `npm run build`, after `tsc`, which checks types and writes declarations.
import { copyFile } from "node:fs/promises";

import { build } from "esbuild";

/** What entries share is in files of its own, which they import. */
const SHARED = ["core", "inspector", "pool", "manual"];

const ENTRIES = [
  "browser",
  "node",
  "workerd",
  "inspect-browser",
  "inspect-node",
  "inspect-workerd",
  "pool-browser",
  "pool-node",
  "pool-worker",
  "pool-worker-node",
  "sw",
];

/** Leaves imports of what is shared as imports, of the file beside. */
function leaveShared({ onResolve }) {
  const shared = new RegExp(`/(${SHARED.join("|")})\\.js$`);
  onResolve({ filter: shared }, ({ path }) => ({ path: `.${shared.exec(path)[0]}`, external: true }));
}

await build({
  entryPoints: [...SHARED, ...ENTRIES].map((name) => `src/${name}.ts`),
  outdir: "dist",
  bundle: true,
  external: ["node:*", "isoblob/*"],
  plugins: [{ name: "shared", setup: leaveShared }],
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
});

for (const name of ["isoblob_bg.wasm", "inspect_bg.wasm"]) await copyFile(`generated/${name}`, `dist/${name}`);
