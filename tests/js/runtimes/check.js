// Holds whatever `isoblob` is to the vectors. Runs everywhere, so it imports nothing.

/** How many vectors there were, and a line for each that came out otherwise. */
export function check({ BlobError, blobId, canonicalize, verify }, { canonical, refused }) {
  const wrong = [];
  for (const { name, text, textHex, canonical: expected, id } of canonical) {
    const utf8 = utf8Of(text, textHex);
    const bytes = canonicalize(utf8);
    const isRight =
      new TextDecoder().decode(bytes) === expected &&
      verify(id, bytes) &&
      (text === undefined || (canonicalize(text) === expected && blobId(text) === id));
    if (!isRight) wrong.push(name);
  }
  for (const { name, text, textHex, kind, offset, line, column, pointer } of refused) {
    const fault = faultOf(() => canonicalize(text ?? utf8Of(text, textHex)), BlobError);
    const [one, other] = [fault, { code: kind, offset, line, column, pointer }].map((members) => JSON.stringify(members));
    if (one !== other) wrong.push(`${name}: ${one}, not ${other}`);
  }
  return { vectors: canonical.length + refused.length, wrong };
}

function utf8Of(text, textHex) {
  if (text !== undefined) return new TextEncoder().encode(text);
  return Uint8Array.from(textHex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function faultOf(run, BlobError) {
  try {
    return { result: run() };
  } catch (error) {
    if (!(error instanceof BlobError && error instanceof Error && error.name === "BlobError")) throw error;
    const { code, offset, line, column, pointer } = error;
    return { code, offset, line, column, pointer };
  }
}
