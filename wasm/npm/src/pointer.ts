// JSON Pointers (RFC 6901).

/** The keys and indices on the way to a value. */
export type Path = (string | number)[];

export const pointerTo = (path: Path): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Puts another value in place of the one that a pointer names, and returns the whole. */
export function replaceAt(whole: unknown, pointer: string, value: unknown): unknown {
  const keys = pointer.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop();
  if (keys.length === 0 || last === undefined) return value;
  let inside = whole as Record<string, unknown>;
  for (const key of keys.slice(1)) inside = inside[key] as Record<string, unknown>;
  Object.defineProperty(inside, last, { value, configurable: true, enumerable: true, writable: true });
  return whole;
}
