/**
 * Looking into texts: why two have two ids, what canonicalization changes in one, and whether one is a flow. A module of
 * its own, since few pages need it.
 *
 * @packageDocumentation
 */

export { type Change, type Difference, type Explanation, explain, explainText, validateFlow } from "./inspector.js";
