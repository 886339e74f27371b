// For browsers, their workers, and bundlers: ready on import. Bundlers find the module by the URL in the bindings.
import { load, loaded } from "./core.js";

loaded(await load());

export * from "./index.js";
