// For browsers, their workers, and bundlers.
import { load, loaded } from "./inspector.js";

loaded(await load());

export * from "./inspect.js";
