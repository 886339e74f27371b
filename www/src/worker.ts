// The worker: everything that touches every byte, so that the page never waits. One request after another.

import { BlobClient, BlobError, blobId, canonicalize, verify } from "isoblob";

import { excerpt } from "./excerpt";
import {
  BLOBS,
  type Canonical,
  type Content,
  type Fault,
  type Fetched,
  type Message,
  type Request,
  type Source,
} from "./protocol";

const blobs = new BlobClient(BLOBS);

async function answer(request: Request): Promise<Canonical | Fetched | string> {
  switch (request.operation) {
    case "canonicalize":
      return canonical(request.argument);
    case "put":
      return blobs.put(request.argument);
    case "get":
      return fetched(request.argument);
  }
}

async function canonical(source: Source): Promise<Canonical> {
  if (typeof source === "string") {
    const text = new TextEncoder().encode(source);
    return explained(text, () => {
      const bytes = new TextEncoder().encode(canonicalize(source));
      return { id: blobId(bytes), bytes, sourceBytes: text.length };
    });
  }
  const text = new Uint8Array(await source.arrayBuffer());
  return explained(text, () => {
    const bytes = canonicalize(text);
    return { id: blobId(bytes), bytes, sourceBytes: text.length };
  });
}

/** Adds to a fault the part of the text where it is. */
function explained<T>(text: Uint8Array, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof BlobError) || error.offset === undefined) throw error;
    throw Object.assign(error, { excerpt: excerpt(text, error.offset) });
  }
}

async function fetched(id: string): Promise<Fetched> {
  const { bytes, type } = await blobs.get(id);
  return { bytes, type, content: contentOf(id, bytes) };
}

/** The server's word for the type is not proven by the id, so the content itself decides how it is shown. */
function contentOf(id: string, bytes: Uint8Array): Content {
  try {
    return verify(id, canonicalize(bytes)) ? "json" : "text";
  } catch (error) {
    if (error instanceof BlobError) return isText(bytes) ? "text" : "bytes";
    throw error;
  }
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof BlobError) {
    const { cause: _, ...members } = error;
    return { ...members, message: error.message };
  }
  return { code: "failed", message: error instanceof Error ? error.message : String(error) };
}

function say(message: Message, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

let last: Promise<void> = Promise.resolve();

self.addEventListener("message", ({ data }: MessageEvent<Request>) => {
  last = last.then(async () => {
    try {
      const result = await answer(data);
      say({ result }, typeof result === "string" ? [] : [result.bytes.buffer]);
    } catch (error) {
      say({ fault: faultOf(error) });
    }
  });
});

// Importing `isoblob` awaits its WebAssembly, and a message that came before the listener would be lost.
say({ ready: true });
