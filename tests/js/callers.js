// Where the npm package is tested: the same calls in Node and in Chromium.
import * as exchanges from "./exchanges.js";
import * as verdicts from "./verdicts.js";

const MODULES = { exchanges, verdicts };

/** Calls exported functions of `exchanges.js` and `verdicts.js` in this process. */
export const inNode = (module, name, ...args) => MODULES[module][name](...args);

/** Calls them in a page: arguments and results go as JSON. */
export const inPage =
  (page) =>
  (module, name, ...args) =>
    page.evaluate(
      async ([module, name, args]) => {
        const functions = await import(`/tests/${module}.js`);
        return functions[name](...args);
      },
      [module, name, args],
    );
