// Shows content of any size without holding the page up: a first part, and more of it as often as one asks.

import { h } from "./dom";
import { bytes as exactly, size } from "./format";
import { blobPath } from "./id";
import { type Piece, Pretty } from "./pretty";

/** How much more is shown at a time, in bytes of content. */
const STEP_BYTES = 64 << 10;

/** How a content is written out, a part at a time. */
interface Writer {
  /** The number of bytes that are written. */
  readonly at: number;
  next: () => (Node | string)[];
}

/** The listing of a content; `testid` names the element that holds the text. */
export function listing(total: number, writer: Writer, testid: string, label: string): HTMLElement {
  const code = h("code", { "data-testid": testid });
  const rest = h("p", { class: "rest" });
  const more = h("button", { type: "button", click: show }, "Show more");
  const shown = h("span");

  function show(): void {
    code.append(...writer.next());
    shown.textContent = `The first ${size(writer.at)} of ${exactly(total)}. `;
    if (writer.at < total) rest.replaceChildren(shown, more);
    else rest.remove();
  }

  // A region that scrolls must be reachable by keyboard.
  const view = h(
    "div",
    { class: "listing" },
    h("pre", { tabindex: 0, role: "region", "aria-label": label }, code),
    rest,
  );
  show();
  return view;
}

/** JSON laid out for reading, with references as links. */
export function prettyWriter(canonical: Uint8Array): Writer {
  const pretty = new Pretty(canonical);
  return {
    get at() {
      return pretty.at;
    },
    next: () => pretty.next(STEP_BYTES).map(element),
  };
}

/** A text in UTF-8, as it is. */
export function plainWriter(text: Uint8Array): Writer {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let at = 0;
  return {
    get at() {
      return at;
    },
    next: () => {
      const end = Math.min(at + STEP_BYTES, text.length);
      const part = decoder.decode(text.subarray(at, end), { stream: end < text.length });
      at = end;
      return [part];
    },
  };
}

/** Bytes that are no text: sixteen to a line, in hex and as characters. */
export function hexWriter(content: Uint8Array): Writer {
  const step = STEP_BYTES / 16;
  let at = 0;
  return {
    get at() {
      return at;
    },
    next: () => {
      const end = Math.min(at + step, content.length);
      const lines: string[] = [];
      for (; at < end; at += 16) lines.push(hexLine(at, content.subarray(at, Math.min(at + 16, end))));
      at = end;
      return lines;
    },
  };
}

function hexLine(at: number, part: Uint8Array): string {
  const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const characters = Array.from(part, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(
    "",
  );
  return `${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${characters}\n`;
}

function element({ kind, text }: Piece): Node | string {
  switch (kind) {
    case "space":
      return text;
    case "ref":
      return h("a", { class: "ref", href: blobPath(text.slice(1, -1)) }, text);
    default:
      return h("span", { class: kind }, text);
  }
}
