// Ways from a JSON text to its id, and how fast they are. Runs in Node and in pages.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import { createSHA256 } from "hash-wasm";
import { blobId, blobIdAsync } from "isoblob";

const hasher = await createSHA256();
const encoder = new TextEncoder();
const canonicalForm = (text) => encoder.encode(canonicalize(JSON.parse(text)));

/** The way that is measured, by its better half: what answers at once, and what may use another thread. */
export const OURS = ["isoblob, blobId", "isoblob, blobIdAsync"];

export const CONTENDERS = {
  [OURS[0]]: blobId,
  [OURS[1]]: blobIdAsync,
  "canonicalize + @noble/hashes": (text) => bytesToHex(sha256(canonicalForm(text))),
  "canonicalize + crypto.subtle": async (text) =>
    bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", canonicalForm(text)))),
  "canonicalize + hash-wasm": (text) => hasher.init().update(canonicalForm(text)).digest("hex"),
};

/** How long each contender runs in a round, in milliseconds, and how many rounds there are. */
const ROUND_MS = 150;
const ROUNDS = 12;

/** The fewest milliseconds that each contender takes for a text. They take turns, so that what disturbs disturbs all. */
export async function measure(text) {
  const best = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(CONTENDERS)) {
      const times = Math.max(1, Math.round(2 ** 16 / text.length));
      for (const end = performance.now() + ROUND_MS; performance.now() < end; ) {
        const start = performance.now();
        for (let time = 0; time < times; time += 1) await run(text);
        best[name] = Math.min(best[name] ?? Infinity, (performance.now() - start) / times);
      }
    }
  }
  return best;
}

/** The names of contenders whose id is not this one. */
export async function wrong(text, id) {
  const ids = await Promise.all(Object.entries(CONTENDERS).map(async ([name, run]) => [name, await run(text)]));
  return ids.filter(([, found]) => found !== id).map(([name]) => name);
}
