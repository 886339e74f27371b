// Makes `dist` of `src` and `generated`: `npm run build`, after `tsc`, which checks types and writes declarations.
import { copyFile, readFile } from "node:fs/promises";

import binaryen from "binaryen";
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

/** Has the bytes of modules in text where they are imported, in base64. */
function assemble({ onLoad }) {
  onLoad({ filter: /\.wat$/ }, async ({ path }) => {
    const module = binaryen.parseText(await readFile(path, "utf8"));
    const { BulkMemory, GC, ReferenceTypes, SIMD128 } = binaryen.Features;
    module.setFeatures(BulkMemory | GC | ReferenceTypes | SIMD128);
    if (!module.validate()) throw new Error(`${path} is not valid`);
    binaryen.setShrinkLevel(2);
    module.optimize();
    return { contents: module.emitBinary(), loader: "base64" };
  });
}

await build({
  entryPoints: [...SHARED, ...ENTRIES].map((name) => `src/${name}.ts`),
  outdir: "dist",
  bundle: true,
  external: ["node:*", "isoblob/*"],
  plugins: [
    { name: "shared", setup: leaveShared },
    { name: "assemble", setup: assemble },
  ],
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
});

for (const name of ["isoblob_bg.wasm", "inspect_bg.wasm"]) await copyFile(`generated/${name}`, `dist/${name}`);
