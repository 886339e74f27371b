// What a worker does, in whatever runtime. Its entry has loaded the module.
import { BlobError, type Progress, canonicalBytes, hashFile } from "../core.js";
import type { Answer, Canonical, PoolProgress, Question } from "./protocol.js";

type Post = (answer: Answer, transfer: ArrayBuffer[]) => void;

/** Answers a question. */
export async function work({ operation, content }: Question, post: Post): Promise<void> {
  const say = (phase: PoolProgress["phase"]) => (progress: Progress) => post({ progress: { phase, ...progress } }, []);
  try {
    if (operation === "hashFile") {
      const file = content instanceof Blob ? content : new Blob([content as BlobPart]);
      post({ result: await hashFile(file, { onProgress: say("hash") }) }, []);
      return;
    }
    const text = content instanceof Blob ? await read(content, say("read")) : content;
    say("canonicalize")({ loaded: 0, total: text.length });
    const bytes = canonicalBytes(text);
    say("canonicalize")({ loaded: text.length, total: text.length });
    const id = await hashFile(new Blob([bytes]), { onProgress: say("hash") });
    if (operation === "textId") post({ result: id }, []);
    else post({ result: { id, bytes } satisfies Canonical }, [bytes.buffer]);
  } catch (error) {
    post({ fault: faultOf(error) }, []);
  }
}

/** A file's bytes, piece by piece into one place. */
async function read(file: Blob, onProgress: (progress: Progress) => void): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.size);
  const reader = (file.stream() as ReadableStream<Uint8Array>).getReader();
  for (let loaded = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes.set(value, loaded);
    loaded += value.length;
    onProgress({ loaded, total: file.size });
  }
}

/** An error's members, as threads strip an `Error` of everything but its message. */
function faultOf(error: unknown): Extract<Answer, { fault: unknown }>["fault"] {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof BlobError)) return { message } as { code: string; message: string };
  const { cause: _, ...members } = error;
  return { ...members, message };
}
