// Looking into texts, with the module `inspect`.
import { Desk, type InitOutput } from "../generated/inspect.js";
import { Channel, decode, requireContent } from "./core.js";

/** @internal */
export { default as load, initSync } from "../generated/inspect.js";

let channel: Channel<Desk> | undefined;

/** @internal */
export function loaded(exports: InitOutput): void {
  channel ??= new Channel(exports.memory, () => new Desk());
}

function inspector(): Channel<Desk> {
  if (channel) return channel;
  throw new Error("isoblob/inspect is not loaded");
}

/** Whether two texts are one blob, and if not, where they differ. */
export interface Explanation {
  /** The id of the one text. */
  one: string;
  /** The id of the other. */
  other: string;
  /** The number of all differences. */
  count: number;
  /** The differences, in the order of the canonical forms; of more than 100, the first. */
  differences: Difference[];
}

/** A place where two documents differ, and how. */
export interface Difference {
  /** The JSON Pointer (RFC 6901) of the value; not there where it would be longer than 4096 bytes. */
  pointer?: string;
  /** The other has not what the one has, or the other way round, or they have two types, or two values of one type. */
  kind: "missing" | "added" | "type" | "value";
  /** The type in the one, or its value as JSON: of more than 80 bytes an excerpt around the first difference. */
  from?: string;
  /** The type or the value in the other. */
  to?: string;
}

/** What canonicalization changes in a text, how often, and where first. */
export interface Change {
  /** What is changed. */
  kind: "whitespace" | "member_order" | "escapes" | "number_spelling";
  /** The number of places. */
  count: number;
  /** The bytes before the first of them. */
  offset: number;
  /** Its line, the first being 1. */
  line: number;
  /** Its character of the line, the first being 1. */
  column: number;
  /** The JSON Pointer of the innermost value that holds it. */
  pointer?: string;
}

/**
 * Why two JSON texts have two ids: where they differ in what they mean. Whitespace, the order of members, escapes and the
 * spelling of numbers are no differences.
 *
 * @example
 * ```js
 * import { explain } from "isoblob/inspect";
 *
 * explain('{"b": [1.0, 2]}', '{"b": [1, 3]}').differences; // [{ pointer: "/b/1", kind: "value", from: "2", to: "3" }]
 * ```
 *
 * @throws `BlobError` as `blobId` does; its `side` says which text is at fault.
 */
export function explain(one: string | Uint8Array, other: string | Uint8Array): Explanation {
  requireContent(one, "the first text");
  requireContent(other, "the second text");
  return inspector().call(
    (desk, end, middle) => desk.explain(middle, end),
    (output) => JSON.parse(decode(output)) as Explanation,
    one,
    other,
  );
}

/**
 * What canonicalization changes in a JSON text: of each kind of change that there is, how often and where first.
 *
 * @example
 * ```js
 * import { explainText } from "isoblob/inspect";
 *
 * explainText('{"b":1.0,"a":2}').map((change) => change.kind); // ["member_order", "number_spelling"]
 * ```
 *
 * @throws `BlobError` as `blobId` does.
 */
export function explainText(text: string | Uint8Array): Change[] {
  requireContent(text, "the text");
  return inspector().call(
    (desk, end) => desk.explainText(end),
    (output) => JSON.parse(decode(output)) as Change[],
    text,
  );
}

/**
 * Checks that a JSON text has the shape of a Stepflow workflow definition, as a server does for a put of type `flow`.
 *
 * @example
 * ```js
 * import { validateFlow } from "isoblob/inspect";
 *
 * validateFlow('{"steps": [{"id": "one", "component": "/builtin/eval"}]}');
 * ```
 *
 * @throws `BlobError` with code `invalid_flow` and the `pointer` of the fault, and as `blobId` does.
 */
export function validateFlow(text: string | Uint8Array): void {
  requireContent(text, "the text");
  inspector().call(
    (desk, end) => desk.validateFlow(end),
    () => {},
    text,
  );
}
