// The part of a line around a byte of a text: what a person needs to see of a fault.

import type { Excerpt } from "./protocol";

/** The most bytes that are shown on either side. */
const REACH_BYTES = 48;

const LINE_FEED = 0x0a;

export function excerpt(text: Uint8Array, offset: number): Excerpt {
  const start = text.subarray(0, offset).lastIndexOf(LINE_FEED) + 1;
  const feed = text.indexOf(LINE_FEED, offset);
  const end = feed === -1 ? text.length : feed;
  const from = Math.max(start, boundary(text, offset - REACH_BYTES));
  const next = offset < end ? boundary(text, offset + 1) : offset;
  const to = Math.min(end, boundary(text, next + REACH_BYTES));
  return {
    before: (from > start ? "…" : "") + visible(text.subarray(from, offset)),
    at: offset < text.length ? visible(text.subarray(offset, Math.max(next, offset + 1))) : "",
    after: visible(text.subarray(next, Math.max(to, next))) + (to < end ? "…" : ""),
  };
}

/** The first place, from `at` on, where a character begins. */
function boundary(text: Uint8Array, at: number): number {
  while (at > 0 && at < text.length && ((text[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return Math.min(Math.max(at, 0), text.length);
}

/** The text with control characters drawn as the symbols that Unicode has for them. */
function visible(text: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(text)
    .replace(/[\0-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace("\ufeff", "␣");
}
