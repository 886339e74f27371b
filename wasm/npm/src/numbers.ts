// JavaScript's values of JSON texts, with numbers as they are.
import { canonicalText } from "./content.js";
import { type Path, pointerTo } from "./pointer.js";

/**
 * What becomes of integers past 2^53: `lossless` makes a `bigint` of each, `plain` the nearest `number`, as `JSON.parse`
 * does. Every other number is a double in the canonical form already, and comes as it is.
 */
export type Numbers = "lossless" | "plain";

/** How to make values of a text. */
export interface ParseOptions {
  /** `lossless` unless told otherwise. */
  numbers?: Numbers;
}

/**
 * The value of a JSON text, as `JSON.parse` makes it, except that integers past 2^53 are `bigint`s, a repeated key is an
 * error, and so is whatever else has no canonical form.
 *
 * @example
 * ```js
 * import { parse } from "isoblob";
 *
 * parse('{"order": 505874924095815681}'); // { order: 505874924095815681n }
 * parse('{"order": 505874924095815681}', { numbers: "plain" }); // { order: 505874924095815700 }
 * ```
 *
 * @throws {@link BlobError} as {@link blobId} does.
 */
export function parse(text: string, { numbers = "lossless" }: ParseOptions = {}): unknown {
  return parseCanonical(canonicalText(text), numbers);
}

/**
 * The JSON Pointers (RFC 6901) of the numbers that `JSON.parse` rounds: of integers that do not come back from it as they
 * went in.
 *
 * @example
 * ```js
 * import { roundedNumbers } from "isoblob";
 *
 * roundedNumbers('{"order": 505874924095815681, "total": 0.1}'); // ["/order"]
 * ```
 *
 * @throws {@link BlobError} as {@link blobId} does.
 */
export function roundedNumbers(text: string): string[] {
  return roundedOfCanonical(canonicalText(text));
}

export function parseCanonical(json: string, numbers: Numbers): unknown {
  if (numbers === "plain" || !hasLongNumber(json)) return JSON.parse(json);
  return new Reader(json).value();
}

export function roundedOfCanonical(json: string): string[] {
  if (!hasLongNumber(json)) return [];
  const reader = new Reader(json);
  reader.value();
  return reader.rounded;
}

/** Whether there may be an integer past 2^53, which has 16 digits. */
const hasLongNumber = (json: string): boolean => /\d{16}/.test(json);

/** Reads canonical JSON, in which there is nothing to refuse. */
class Reader {
  readonly #json: string;
  #at = 0;
  readonly #path: Path = [];
  readonly rounded: string[] = [];

  constructor(json: string) {
    this.#json = json;
  }

  value(): unknown {
    switch (this.#json[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #object(): unknown {
    const members: [string, unknown][] = [];
    for (let more = this.#enter("}"); more; more = this.#next()) {
      const key = this.#string();
      this.#at += 1;
      members.push([key, this.#inner(key)]);
    }
    // Unlike an assignment, this makes a member of `__proto__`, too.
    return Object.fromEntries(members);
  }

  #array(): unknown {
    const elements: unknown[] = [];
    for (let more = this.#enter("]"); more; more = this.#next()) elements.push(this.#inner(elements.length));
    return elements;
  }

  /** Enters a container, and leaves it again if it is empty. */
  #enter(closing: string): boolean {
    this.#at += 1;
    const isEmpty = this.#json[this.#at] === closing;
    if (isEmpty) this.#at += 1;
    return !isEmpty;
  }

  /** Moves past the comma or the bracket after a value; whether another follows. */
  #next(): boolean {
    return this.#json[this.#at++] === ",";
  }

  #inner(key: string | number): unknown {
    this.#path.push(key);
    const value = this.value();
    this.#path.pop();
    return value;
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do {
      end = this.#json.indexOf('"', end + 1);
    } while (this.#isEscaped(end));
    this.#at = end + 1;
    return JSON.parse(this.#json.slice(start, this.#at)) as string;
  }

  #isEscaped(at: number): boolean {
    let before = at;
    while (this.#json[before - 1] === "\\") before -= 1;
    return (at - before) % 2 === 1;
  }

  #scalar(): unknown {
    const token = /[^,\]}]*/y;
    token.lastIndex = this.#at;
    const [literal] = token.exec(this.#json) as unknown as [string];
    this.#at += literal.length;
    const value: unknown = JSON.parse(literal);
    if (typeof value !== "number" || Number.isSafeInteger(value) || !/^-?\d+$/.test(literal)) return value;
    if (String(value) !== literal) this.rounded.push(pointerTo(this.#path));
    return BigInt(literal);
  }
}
