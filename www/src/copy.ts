// A button that copies, and says so.

import { h } from "./dom";

/** How long the button says that it did, in milliseconds. */
const SAID_MS = 1600;

/** A button with this label that copies what `text` returns. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const said = h("span", { class: "said", "aria-live": "polite" });
  const button = h("button", { type: "button", class: "copy", click: () => void copy() }, h("span", {}, label), said);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function copy(): Promise<void> {
    const copied = await write(text());
    said.textContent = copied ? "Copied" : "Not copied";
    button.classList.add("saying");
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.classList.remove("saying");
      said.textContent = "";
    }, SAID_MS);
  }

  return button;
}

/** A page that came over plain http has no `navigator.clipboard`, but selections can be copied everywhere. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "unseen", readonly: true });
    area.value = text;
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return copied;
  }
}
