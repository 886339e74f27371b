// What the text amounts to: its id and its canonical form, or what is wrong with it.

import { Announcer } from "./announcer";
import { copyButton } from "./copy";
import { h } from "./dom";
import { faultView, sentence } from "./fault";
import { bytes } from "./format";
import { blobPath, idView, showId } from "./id";
import { listing, plainWriter } from "./listing";
import type { Canonical, Fault } from "./protocol";
import { faultOf } from "./remote";

export class Result {
  readonly #id = idView("p", undefined);
  readonly #copy = copyButton("Copy id", () => this.#canonical?.id ?? "");
  readonly #store = h("button", { type: "button", class: "main", click: () => void this.#put() }, "Store");
  readonly #stored = h("span", { class: "stored", role: "status" });
  readonly #body = h("div", { class: "body" });
  readonly #announcer = new Announcer();
  readonly view: HTMLElement;
  readonly #send: (canonical: Canonical) => Promise<string>;
  #canonical: Canonical | undefined;

  /** `put` stores a canonical form and resolves to its id. */
  constructor(put: (canonical: Canonical) => Promise<string>) {
    this.#send = put;
    this.view = h(
      "section",
      { class: "result", "data-testid": "result", "aria-label": "Result" },
      h("h2", {}, "Id"),
      this.#id,
      h("p", { class: "actions" }, this.#store, this.#copy, this.#stored),
      this.#body,
      this.#announcer.view,
    );
    this.empty();
  }

  empty(): void {
    this.#show("empty", undefined, h("p", { class: "hint" }, "The id appears as you type."));
    this.#announcer.say("");
  }

  /** What is shown is of an older text, for now. */
  computing(): void {
    this.view.dataset["state"] = "computing";
    this.#enable(false);
  }

  ready(canonical: Canonical): void {
    const { bytes: form, sourceBytes } = canonical;
    const saved = sourceBytes === form.length ? "" : `, from ${bytes(sourceBytes)}`;
    const heading = h("h2", {}, "Canonical form");
    const size = h("p", { class: "size" }, h("span", { "data-testid": "size" }, bytes(form.length)), saved);
    const text = listing(form.length, plainWriter(form), "canonical", "Canonical form");
    this.#show("ready", canonical, h("div", { class: "heading" }, heading, size), text);
    this.#announcer.say(`The id begins with ${canonical.id.slice(0, 8)}`);
  }

  fault(fault: Fault, ...actions: Node[]): void {
    this.#show("fault", undefined, faultView(fault, ...actions));
    const place = fault.line === undefined ? "" : `Line ${fault.line}, column ${fault.column}: `;
    this.#announcer.say(place + sentence(fault));
  }

  #show(state: string, canonical: Canonical | undefined, ...body: Node[]): void {
    this.view.dataset["state"] = state;
    if (canonical) this.#id.setAttribute("data-testid", "id");
    else this.#id.removeAttribute("data-testid");
    if (canonical?.id !== this.#canonical?.id || !canonical) {
      showId(this.#id, canonical?.id);
      this.#stored.replaceChildren();
    }
    this.#canonical = canonical;
    this.#body.replaceChildren(...body);
    this.#enable(canonical !== undefined);
  }

  #enable(enabled: boolean): void {
    this.#store.disabled = !enabled;
    this.#copy.disabled = !enabled;
  }

  async #put(): Promise<void> {
    const canonical = this.#canonical;
    if (!canonical) return;
    this.#store.disabled = true;
    this.#stored.replaceChildren("Storing…");
    let said: (Node | string)[];
    try {
      const id = await this.#send(canonical);
      const link = h("a", { href: blobPath(id), "data-testid": "stored" }, `Open ${id.slice(0, 8)}…`);
      said = ["Stored. ", link];
    } catch (error) {
      const fault = faultOf(error);
      said = [h("span", { class: "bad", "data-testid": "store-fault", "data-code": fault.code }, sentence(fault))];
    }
    if (canonical !== this.#canonical) return;
    this.#stored.replaceChildren(...said);
    this.#store.disabled = false;
  }
}
