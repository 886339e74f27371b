// For runtimes that await nothing at import, such as service workers: nothing is loaded until the caller says so.
import load, { initSync as loadSync } from "./dist/isoblob.js";

export async function init(source) {
  await load({ module_or_path: source });
}

export function initSync(source) {
  loadSync({ module: source });
}

export * from "./api.js";
