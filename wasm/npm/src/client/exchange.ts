// One exchange with the server: its time limit, and another try where that is safe, as every request here may be repeated.
import { BlobError, type BlobErrorDetails } from "../error.js";
import { upload } from "./upload.js";

/** What a client does unless a request says otherwise. */
export interface ClientOptions {
  /** The bearer token, or what gives one for each request. */
  token?: string | (() => string | Promise<string>);
  /** How long the server may be silent, in milliseconds: 30,000 unless told otherwise. For a put, 1 s more per 128 KiB. */
  timeoutMs?: number;
  /** How often a request is tried again: 3 times unless told otherwise. */
  retries?: number;
  /** Headers for every request. */
  headers?: Record<string, string>;
  /** In place of the runtime's `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** What a request may say. */
export interface RequestOptions {
  /** Ends the request: its promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How long the server may be silent, in milliseconds. */
  timeoutMs?: number;
}

export interface Exchange {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: BodyInit;
  /** The length of the body, in bytes. */
  length?: number;
  cache?: RequestCache;
  /** Is told how many bytes of the body were sent, where the runtime tells. */
  onSent?: ((loaded: number) => void) | undefined;
}

/** How long the first wait is at most, and any, in milliseconds. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 20_000;

/** The slowest upload that is waited for, in bytes per millisecond. */
const SLOWEST = 131;

/** Overload and what stands in front of servers. */
const TRY_AGAIN = [408, 425, 429, 502, 503, 504];

/** Something of an answer has arrived, and is reported. What the report throws is the caller's own, not the network's. */
type Arrived = (report?: () => void) => void;

/** Sends a request and reads its answer. */
export async function exchange<T>(
  client: ClientOptions,
  request: Exchange,
  { signal, timeoutMs = client.timeoutMs ?? 30_000 }: RequestOptions,
  read: (answer: Response, arrived: Arrived) => Promise<T>,
): Promise<T> {
  const { url, length = 0, onSent, ...rest } = request;
  const patience = timeoutMs + length / SLOWEST;
  for (let tried = 0; ; tried += 1) {
    signal?.throwIfAborted();
    const headers = new Headers({ ...client.headers, ...(await authorization(client)), ...rest.headers });
    const isLast = tried >= (client.retries ?? 3);
    const attempt = new AbortController();
    let thrown: { error: unknown } | undefined;
    const abort = () => attempt.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    const expire = () => attempt.abort();
    let timer = setTimeout(expire, patience);
    const arrived: Arrived = (report) => {
      clearTimeout(timer);
      timer = setTimeout(expire, timeoutMs);
      try {
        report?.();
      } catch (error) {
        thrown = { error };
        throw error;
      }
    };
    let wait = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried);
    try {
      const init = { ...rest, headers, signal: attempt.signal };
      const sent = (loaded: number) => arrived(() => onSent?.(loaded));
      const answer = await (onSent && !client.fetch && globalThis.XMLHttpRequest
        ? upload(url, init, sent)
        : (client.fetch ?? globalThis.fetch)(url, init as RequestInit));
      arrived();
      wait = Math.max(wait, retryAfter(answer));
      if (isLast || !TRY_AGAIN.includes(answer.status) || wait > LONGEST_WAIT_MS) return await read(answer, arrived);
    } catch (cause) {
      signal?.throwIfAborted();
      if (thrown) throw thrown.error;
      if (cause instanceof BlobError) throw cause;
      if (isLast) throw attempt.signal.aborted ? late(patience, cause) : broken(cause);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      // What of an answer is not read shall not come.
      attempt.abort();
    }
    await delay(wait, signal);
  }
}

async function authorization({ token }: ClientOptions): Promise<Record<string, string>> {
  const value = typeof token === "function" ? await token() : token;
  return value === undefined ? {} : { authorization: `Bearer ${value}` };
}

const late = (ms: number, cause: unknown): BlobError =>
  new BlobError(`the server said nothing for ${Math.round(ms)} ms`, { code: "timeout", cause });

function broken(cause: unknown): BlobError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new BlobError(`the server was not reached, or its answer did not arrive whole${why}`, { code: "network", cause });
}

/** What a server wishes, in milliseconds (RFC 9110, section 10.2.3). */
function retryAfter(answer: Response): number {
  const value = answer.headers.get("retry-after") ?? "0";
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? ms : 0;
}

function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** The error that an answer tells of: with the server's own reason and message where its body has them. */
export async function refusal(answer: Response): Promise<BlobError> {
  const { status } = answer;
  const body: unknown = await answer.json().catch(() => undefined);
  const { reason, message, offset, line, column, pointer } = (body ?? {}) as Record<string, unknown>;
  const details = { code: typeof reason === "string" ? reason : "http", status, offset, line, column, pointer };
  for (const key of ["offset", "line", "column", "pointer"] as const) if (details[key] === undefined) delete details[key];
  const what = typeof message === "string" ? message : `the server answered ${status}`;
  return new BlobError(what, details as BlobErrorDetails);
}
