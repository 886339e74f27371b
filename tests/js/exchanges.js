// Exchanges of the npm package's client with a server. Runs in Node and in Chromium, so it imports nothing but the
// package and its neighbour.
import { BlobClient } from "isoblob";

import { fault } from "./verdicts.js";

/** Puts a text; the id, or the parts of the error. */
export async function put(url, text, options) {
  try {
    return { id: await new BlobClient(url).put(text, options) };
  } catch (error) {
    return fault(error);
  }
}

/** Gets a blob; what it is, or the parts of the error. */
export async function get(url, id) {
  try {
    const blob = await new BlobClient(url).get(id);
    return { id: blob.id, type: blob.type, text: blob.text() };
  } catch (error) {
    return fault(error);
  }
}

/** Puts random doubles and gets them back; how many there were, and which of them came back as something else. */
export async function changedDoubles(url, count, seed) {
  const sent = doubles(count, seed);
  const text = JSON.stringify(sent);
  const client = new BlobClient(url);
  const blob = await client.get(await client.put(text));
  const cameBack = JSON.parse(blob.text());
  const changed = sent.filter((number, index) => !Object.is(number, cameBack[index]));
  return { count: cameBack.length, changed, verbatim: blob.text() === text };
}

/** Finite doubles, every bit of them random, the same for the same seed. Zero is left out: its sign is not kept. */
export function doubles(count, seed) {
  const view = new DataView(new ArrayBuffer(8));
  const found = [];
  let state = BigInt(seed);
  while (found.length < count) {
    // SplitMix64 (Steele, Lea and Flood, 2014).
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let bits = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    bits = BigInt.asUintN(64, (bits ^ (bits >> 27n)) * 0x94d049bb133111ebn);
    view.setBigUint64(0, bits ^ (bits >> 31n));
    const number = view.getFloat64(0);
    if (Number.isFinite(number) && number !== 0) found.push(number);
  }
  return found;
}
