import { defineConfig } from "vite";

/** The server that `npm run dev` asks for blobs. */
const api = process.env["ISOBLOB_URL"] ?? "http://127.0.0.1:7837";

export default defineConfig({
  build: {
    target: "es2022",
    // Nothing becomes a data: URL or an inline script, so that the server's Content Security Policy can stay strict.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  server: {
    proxy: { "/api": api },
    // The package is a link to where it is built.
    fs: { allow: [".", "../wasm/npm"] },
  },
  preview: { proxy: { "/api": api } },
});
