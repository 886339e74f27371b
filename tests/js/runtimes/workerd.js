// For Cloudflare's runtime: answers with what it found. There are no workers for a pool.
import * as isoblob from "isoblob";
import { explain } from "isoblob/inspect";

import { check } from "./check.js";
import vectors from "./vectors.json";

export default {
  async fetch() {
    const text = '{"b": 1, "a": [505874924095815681]}';
    const id = isoblob.blobId(text);
    const others = [await isoblob.blobIdAsync(text), explain(text, "{}").one].filter((other) => other !== id);
    return Response.json({ ...check(isoblob, vectors), id, others });
  },
};
