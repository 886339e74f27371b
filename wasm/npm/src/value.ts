// JSON texts of JavaScript's values, of which nothing is dropped.
import { blobId } from "./content.js";
import { BlobError } from "./error.js";
import { type Path, pointerTo } from "./pointer.js";
import { loneSurrogate } from "./text.js";

/** The number of containers, one inside the other, that a text may have. */
const MAX_DEPTH = 127;

/**
 * A JSON text of a value: what `JSON.stringify` would write, but exact, and nothing is left out in silence.
 *
 * A `bigint` is an integer with all of its digits, a `Map` with strings as keys is an object. What has a `toJSON` method,
 * such as a `Date`, is what that returns. What JSON cannot hold is an error that says where it is: `undefined`,
 * functions, symbols, `NaN` and infinities, holes in arrays, instances of other classes, strings with half of a
 * surrogate pair, and what contains itself.
 *
 * @example
 * ```js
 * import { stringify } from "isoblob";
 *
 * stringify({ order: 505874924095815681n, lines: new Map([["a", 1.5]]) });
 * // '{"order":505874924095815681,"lines":{"a":1.5}}'
 * ```
 *
 * @throws {@link BlobError} with code `not_json` and the `pointer` of the value; `lone_surrogate`; `too_deep`.
 */
export function stringify(value: unknown): string {
  return text(value, [], "");
}

/**
 * The id of a value: that of its JSON text, as {@link stringify} writes it.
 *
 * @example
 * ```js
 * import { blobId, blobIdOfValue } from "isoblob";
 *
 * blobIdOfValue({ n: 505874924095815681n }) === blobId('{"n": 505874924095815681}'); // true
 * ```
 *
 * @throws {@link BlobError} as {@link stringify} does.
 */
export function blobIdOfValue(value: unknown): string {
  return blobId(stringify(value));
}

function text(value: unknown, path: Path, key: string): string {
  switch (typeof value) {
    case "string":
      return quoted(value, path);
    case "number":
      if (!Number.isFinite(value)) throw notJson(String(value), path);
      return String(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : container(value, path, key);
    default:
      throw notJson(typeof value === "undefined" ? "undefined" : `a ${typeof value}`, path);
  }
}

function container(value: object, path: Path, key: string): string {
  if (path.length === MAX_DEPTH) {
    throw new BlobError(`more than ${MAX_DEPTH} containers, one inside the other`, { code: "too_deep" });
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") {
    const other: unknown = toJSON.call(value, key);
    // Once, as it may return itself.
    return typeof other === "object" && other !== null ? plain(other, path) : text(other, path, key);
  }
  return plain(value, path);
}

function plain(value: object, path: Path): string {
  if (Array.isArray(value)) {
    // Holes are undefined here.
    return `[${Array.from(value, (element, index) => inner(element, path, index)).join()}]`;
  }
  if (value instanceof Map) return members(value, path);
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another realm has no prototype either.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw notJson(`an instance of ${value.constructor?.name ?? "some class"}`, path);
  }
  const symbol = Object.getOwnPropertySymbols(value).find((key) => Object.prototype.propertyIsEnumerable.call(value, key));
  if (symbol) throw notJson(`the key ${String(symbol)}`, path);
  return members(Object.entries(value), path);
}

function members(entries: Iterable<[unknown, unknown]>, path: Path): string {
  const written: string[] = [];
  for (const [key, value] of entries) {
    if (typeof key !== "string") throw notJson(`a key that is no string`, path);
    written.push(`${quoted(key, path)}:${inner(value, path, key)}`);
  }
  return `{${written.join()}}`;
}

function inner(value: unknown, path: Path, key: string | number): string {
  path.push(key);
  const written = text(value, path, String(key));
  path.pop();
  return written;
}

function quoted(value: string, path: Path): string {
  if (loneSurrogate(value) === -1) return JSON.stringify(value);
  throw at(path, "the string holds half of a surrogate pair", "lone_surrogate");
}

const notJson = (what: string, path: Path): BlobError => at(path, `${what} is not JSON`, "not_json");

function at(path: Path, what: string, code: string): BlobError {
  const pointer = pointerTo(path);
  return new BlobError(pointer === "" ? what : `${what}, in \`${pointer}\``, { code, pointer });
}
