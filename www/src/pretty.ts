// Lays canonical JSON out for reading, token by token, from its bytes: nothing is parsed, so no number is rounded, and
// what is shown is still a text of the same blob. It goes as far as it is asked to, however long the blob is.

import { isId } from "./id";

/** A stretch of the layout; `ref` is a string that refers to another blob. */
export interface Piece {
  kind: "space" | "key" | "string" | "number" | "word" | "ref";
  text: string;
}

/** A container this short that holds no other is laid out on one line, in bytes. */
const INLINE_BYTES = 72;

/** The most of one string that is shown, in bytes. */
const STRING_BYTES = 16 << 10;

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

const decoder = new TextDecoder();

export class Pretty {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** For each open container, whether it is on one line. */
  readonly #inline: boolean[] = [];
  /** The last key, to know what its value is. */
  #key = "";

  constructor(canonical: Uint8Array) {
    this.#bytes = canonical;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The number of bytes that are laid out. */
  get at(): number {
    return this.#at;
  }

  /** The layout of about this many bytes more. */
  next(budget: number): Piece[] {
    const pieces: Piece[] = [];
    const end = this.#at + budget;
    while (!this.done && this.#at < end) {
      const piece = this.#token();
      const last = pieces.at(-1);
      if (last?.kind === "space" && piece.kind === "space") last.text += piece.text;
      else pieces.push(piece);
    }
    return pieces;
  }

  #token(): Piece {
    const byte = this.#bytes[this.#at];
    switch (byte) {
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        return this.#open(String.fromCharCode(byte));
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        return this.#close(String.fromCharCode(byte));
      case COMMA:
        this.#at += 1;
        return { kind: "space", text: this.#inline.at(-1) ? ", " : `,${this.#line()}` };
      case COLON:
        this.#at += 1;
        return { kind: "space", text: ": " };
      case QUOTE:
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  #open(bracket: string): Piece {
    const inline = this.#fitsOneLine();
    this.#at += 1;
    this.#inline.push(inline);
    const padding = inline ? (bracket === "{" && !this.#atClose() ? " " : "") : this.#line();
    return { kind: "space", text: bracket + padding };
  }

  #close(bracket: string): Piece {
    const empty = this.#bytes[this.#at - 1] === OPEN_OBJECT;
    this.#at += 1;
    const inline = this.#inline.pop() ?? true;
    const padding = inline ? (bracket === "}" && !empty ? " " : "") : this.#line();
    return { kind: "space", text: padding + bracket };
  }

  #string(): Piece {
    const start = this.#at;
    this.#at = this.#stringEnd(start);
    const isKey = this.#bytes[this.#at] === COLON;
    const text = this.#shown(start, this.#at);
    if (isKey) {
      this.#key = text;
      return { kind: "key", text };
    }
    const refers = this.#key === '"$blob"' && this.#bytes[start - 1] === COLON && isId(text.slice(1, -1));
    return { kind: refers ? "ref" : "string", text };
  }

  #scalar(): Piece {
    const start = this.#at;
    while (!this.done && !this.#atEndOfScalar()) this.#at += 1;
    const text = this.#shown(start, this.#at);
    return { kind: /^[-\d]/.test(text) ? "number" : "word", text };
  }

  #atClose(): boolean {
    const byte = this.#bytes[this.#at];
    return byte === CLOSE_ARRAY || byte === CLOSE_OBJECT;
  }

  #atEndOfScalar(): boolean {
    return this.#bytes[this.#at] === COMMA || this.#atClose();
  }

  /** After the quote that closes the string which begins here. */
  #stringEnd(start: number): number {
    let quote = this.#bytes.indexOf(QUOTE, start + 1);
    while (this.#isEscaped(quote)) quote = this.#bytes.indexOf(QUOTE, quote + 1);
    return quote + 1;
  }

  #isEscaped(quote: number): boolean {
    let before = quote;
    while (this.#bytes[before - 1] === BACKSLASH) before -= 1;
    return (quote - before) % 2 === 1;
  }

  /** Whether the container that opens here is short, and holds no other. */
  #fitsOneLine(): boolean {
    const end = Math.min(this.#at + INLINE_BYTES, this.#bytes.length);
    for (let at = this.#at + 1; at < end;) {
      const byte = this.#bytes[at];
      if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) return true;
      if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) return false;
      at = byte === QUOTE ? this.#stringEnd(at) : at + 1;
    }
    return false;
  }

  #line(): string {
    return `\n${"  ".repeat(this.#inline.length)}`;
  }

  #shown(start: number, end: number): string {
    if (end - start <= STRING_BYTES) return decoder.decode(this.#bytes.subarray(start, end));
    const head = decoder.decode(this.#bytes.subarray(start, start + STRING_BYTES), { stream: true });
    decoder.decode();
    return `${head}… (${end - start} bytes in all)`;
  }
}
