// The client of the Blob HTTP API: argument types here, the exchange and its verification in the wasm.
import * as wasm from "./dist/isoblob.js";
import { BlobError, translatedAsync } from "./error.js";
import { isBytes, wellFormed } from "./text.js";

export class BlobClient {
  constructor(url) {
    if (typeof url !== "string" && !(url instanceof URL)) throw new TypeError("the URL must be a string or a URL");
    this.url = String(url).replace(/\/+$/, "");
  }

  async put(text, { type = "data" } = {}) {
    if (type !== "data" && type !== "flow") throw new TypeError('the type must be "data" or "flow"');
    const utf8 = encoded(text);
    return translatedAsync(() => wasm.putText(this.url, utf8, type));
  }

  async get(id) {
    if (typeof id !== "string") throw new TypeError("the id must be a string");
    const { bytes, type } = await translatedAsync(() => wasm.getBlob(this.url, id));
    return new VerifiedBlob(id, type, bytes);
  }
}

export class VerifiedBlob {
  constructor(id, type, bytes) {
    this.id = id;
    this.type = type;
    this.bytes = bytes;
  }

  text() {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes);
    } catch (cause) {
      throw new BlobError("the blob is not a text in UTF-8", { code: "invalid_utf8", cause });
    }
  }
}

function encoded(text) {
  if (isBytes(text)) return text;
  if (typeof text !== "string") throw new TypeError("the text must be a string or a Uint8Array");
  wellFormed(text);
  return new TextEncoder().encode(text);
}
