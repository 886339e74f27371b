// Tells a screen reader what has changed, once the person has stopped typing.

import { h } from "./dom";

/** How long nothing must change before it is said, in milliseconds. */
const PAUSE_MS = 700;

export class Announcer {
  readonly view = h("p", { class: "unseen", role: "status" });
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says this, unless something else is to be said before long. */
  say(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.view.textContent = text;
    }, PAUSE_MS);
  }
}
