// What the npm package says of texts. Runs in Node and in Chromium, so it imports nothing but the package.
import * as isoblob from "isoblob";

/** The bytes that hex digits spell. */
export function unhex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** What is said of each text: `{ id, canonical }`, or the parts of the error. */
export function verdicts(texts) {
  return texts.map(({ text, textHex }) => {
    const utf8 = textHex === undefined ? new TextEncoder().encode(text) : unhex(textHex);
    const ofBytes = verdict(utf8);
    if (text === undefined) return ofBytes;
    const ofString = verdict(text);
    const [one, other] = [JSON.stringify(ofString), JSON.stringify(ofBytes)];
    if (one !== other) throw new Error(`as a string: ${one}, in UTF-8: ${other}`);
    return ofString;
  });
}

function verdict(text) {
  try {
    const canonical = isoblob.canonicalize(text);
    const id = isoblob.blobId(canonical);
    if (!isoblob.verify(id, canonical)) throw new Error(`${id} is not the id of ${canonical}`);
    if (typeof text === "string") {
      const one =
        isoblob.blobId(text) === id && isoblob.verify(id, text) && isoblob.canonicalize(canonical) === canonical;
      if (!one) throw new Error(`the text and its canonical form have two ids: ${text}`);
    }
    return { id, canonical: typeof canonical === "string" ? canonical : new TextDecoder().decode(canonical) };
  } catch (error) {
    return fault(error);
  }
}

/** Random decimals of 16 to 18 digits, and those of them that are not spelled as the runtime spells them. */
export function respelledDecimals(count, seed) {
  const found = [];
  let state = seed;
  // The minimal standard generator (Park and Miller, 1988).
  const next = () => (state = (state * 48271) % 2147483647);
  while (found.length < count) {
    const digits = `${next()}${next()}`.padEnd(18, "7").slice(0, 16 + (next() % 3));
    const point = 1 + (next() % 15);
    found.push(`${next() % 2 ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`);
  }
  const spelled = isoblob.canonicalize(`[${found.join(",")}]`).slice(1, -1).split(",");
  return { count: spelled.length, wrong: found.filter((decimal, index) => spelled[index] !== String(Number(decimal))) };
}

/** The ids of texts that all have characters beyond Latin-1, and how often `TextEncoder` wrote one of them. */
export function wideIds(texts) {
  const { encodeInto } = TextEncoder.prototype;
  let encoded = 0;
  TextEncoder.prototype.encodeInto = function (text, bytes) {
    encoded += 1;
    return encodeInto.call(this, text, bytes);
  };
  try {
    const ids = texts.map((text) => isoblob.blobId(text));
    return { ids, encoded };
  } finally {
    TextEncoder.prototype.encodeInto = encodeInto;
  }
}

/** The parts of a `BlobError` that can be compared; anything else passes. */
export function fault(error) {
  if (!(error instanceof isoblob.BlobError)) throw error;
  const { name, code, offset, line, column, pointer, status, expected, actual } = error;
  return { name, code, offset, line, column, pointer, status, expected, actual };
}
