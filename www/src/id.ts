// An id as a person sees it: eight groups of eight digits, and under each byte a bar as high as the byte is large, so
// that two ids are told apart at a glance.

import { type Attributes, drawing, h } from "./dom";

const DIGITS = 64;
const GROUP_DIGITS = 8;

/** What stands in the place of an id while there is none. */
const NO_ID = "·".repeat(DIGITS);

/** The unit is half the width of a digit; a bar leaves one unit free on its right. */
const BYTE_WIDTH = 4;
const BAR_HEIGHT = 16;

/** Whether this is the one spelling of an id. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The address of a blob's own page. */
export function blobPath(id: string): string {
  return `/b/${id}`;
}

/** An element of this name that shows an id; copying from it gives the digits without the breaks between the groups. */
export function idView<Tag extends "p" | "dd">(
  tag: Tag,
  id: string | undefined,
  attributes: Attributes = {},
): HTMLElementTagNameMap[Tag] {
  const view = h(tag, { class: "id", copy: (event) => copyDigits(view, event as ClipboardEvent), ...attributes });
  showId(view, id);
  return view;
}

/** Shows another id in an element of `idView`, or that there is none. */
export function showId(view: HTMLElement, id: string | undefined): void {
  view.classList.toggle("none", id === undefined);
  view.toggleAttribute("aria-hidden", id === undefined);
  view.replaceChildren(...groups(id ?? NO_ID));
}

function groups(id: string): HTMLSpanElement[] {
  return Array.from({ length: DIGITS / GROUP_DIGITS }, (_, group) => {
    const digits = id.slice(group * GROUP_DIGITS, (group + 1) * GROUP_DIGITS);
    return h("span", {}, digits, bars(digits));
  });
}

function copyDigits(view: HTMLElement, event: ClipboardEvent): void {
  const selection = getSelection();
  if (!selection || !view.contains(selection.anchorNode) || !view.contains(selection.focusNode)) return;
  event.clipboardData?.setData("text/plain", selection.toString().replace(/\s/g, ""));
  event.preventDefault();
}

function bars(digits: string): SVGSVGElement {
  const path = Array.from({ length: GROUP_DIGITS / 2 }, (_, byte) => {
    const value = Number.parseInt(digits.slice(2 * byte, 2 * byte + 2), 16) || 0;
    const height = (1 + (value * (BAR_HEIGHT - 1)) / 255).toFixed(1);
    return `M${BYTE_WIDTH * byte} ${BAR_HEIGHT}v-${height}h${BYTE_WIDTH - 1}v${height}z`;
  });
  const svg = drawing(`0 0 ${(BYTE_WIDTH * GROUP_DIGITS) / 2} ${BAR_HEIGHT}`, path.join(""));
  svg.setAttribute("preserveAspectRatio", "none");
  return svg;
}
