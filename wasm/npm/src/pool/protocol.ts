// What a pool and its workers say to each other.
import type { BlobErrorDetails, Progress } from "../core.js";

export type Operation = "textId" | "canonicalize" | "hashFile";

/** A job for a worker, which has one at a time. */
export interface Question {
  operation: Operation;
  content: string | Uint8Array | Blob;
}

export type Answer = { progress: PoolProgress } | { result: unknown } | { fault: BlobErrorDetails & { message: string } };

/** How far a job is: a file is read, its text canonicalized, and the canonical form hashed. */
export interface PoolProgress extends Progress {
  /** What is being done. */
  phase: "read" | "canonicalize" | "hash";
}

/** A canonical form, and its id. */
export interface Canonical {
  id: string;
  bytes: Uint8Array<ArrayBuffer>;
}
