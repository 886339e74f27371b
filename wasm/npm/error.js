// The one class of error, and the way into it for what the wasm throws.

export class BlobError extends Error {
  /** `details` are the members beside the message; see `index.d.ts`. */
  constructor(message, { cause, ...details }) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, details);
  }
}

// On the prototype and not enumerable, like the names of the language's own errors.
Object.defineProperty(BlobError.prototype, "name", { value: "BlobError", configurable: true, writable: true });

/** Runs a call into the wasm. */
export function translated(call) {
  try {
    return call();
  } catch (thrown) {
    throw inClass(thrown);
  }
}

/** Awaits a call into the wasm. */
export async function translatedAsync(call) {
  try {
    return await call();
  } catch (thrown) {
    throw inClass(thrown);
  }
}

/** The wasm throws plain objects; anything else is not its word and passes as it is. */
function inClass(thrown) {
  if (thrown instanceof Error || typeof thrown?.code !== "string") return thrown;
  const { message, ...details } = thrown;
  return new BlobError(message, details);
}
