// The page's first view: a text and, beside it, what it amounts to. It stays as it was while a blob is open.

import { goTo } from "./caret";
import { h } from "./dom";
import { characters, size } from "./format";
import { EDITABLE_LENGTH, editableText, type Held } from "./held";
import { Latest } from "./latest";
import type { Canonical, Fault, Source } from "./protocol";
import { Remote, faultOf } from "./remote";
import { Result } from "./result";

const EXAMPLE = `{
  "title": "Numbers that survive",
  "order": 505874924095815681,
  "total": 1.50,
  "caf\\u00e9": ["equal keys are refused", "key order is not data"]
}
`;

export class Editor {
  /** This worker may be ended at any time, so it stores nothing. */
  readonly #hashing = new Remote();
  readonly #result: Result;
  readonly #latest: Latest<Source, Canonical>;
  readonly #area = h("textarea", {
    id: "json",
    class: "mono",
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    placeholder: "Type or paste JSON, or drop a file",
    input: () => this.#compute(this.#area.value),
    paste: (event) => this.#paste(event as ClipboardEvent),
  });
  readonly #file = h("input", {
    type: "file",
    class: "unseen",
    tabindex: -1,
    "aria-label": "Open a file",
    "data-testid": "file",
    change: () => void this.#open(this.#file.files?.[0]),
  });
  readonly #held = h("div", { class: "held", hidden: true });
  readonly view: HTMLElement;

  constructor(blobs: Remote) {
    this.#result = new Result((canonical) => blobs.call("put", canonical.bytes));
    this.#latest = new Latest({
      run: (source) => this.#hashing.call("canonicalize", source),
      stop: () => this.#hashing.end(),
      done: (canonical) => this.#result.ready(canonical),
      failed: (error) => this.#fault(faultOf(error)),
    });
    this.#hashing.warm();
    this.view = this.#layout();
    this.#result.empty();
  }

  #layout(): HTMLElement {
    const open = h("button", { type: "button", class: "quiet", click: () => this.#file.click() }, "Open a file");
    const example = h("button", { type: "button", class: "quiet", click: () => this.#edit(EXAMPLE) }, "Try an example");
    const source = h(
      "section",
      { class: "source", "aria-label": "Source" },
      h("div", { class: "heading" }, h("label", { for: "json" }, "JSON"), h("p", {}, example, open, this.#file)),
      h("div", { class: "paper" }, this.#area, this.#held),
    );
    const lead = h(
      "p",
      { class: "lead" },
      "The same data has the same id, whoever wrote it: the SHA-256 of its canonical form.",
    );
    const columns = h("div", { class: "columns" }, source, this.#result.view);
    const view = h("div", { class: "editor" }, h("h1", { tabindex: -1 }, "Store JSON by its content"), lead, columns);
    this.#takeDrops(view);
    return view;
  }

  /** A file may be dropped anywhere on the page. */
  #takeDrops(view: HTMLElement): void {
    const carriesFile = (event: DragEvent) =>
      view.isConnected && (event.dataTransfer?.types.includes("Files") ?? false);
    const over = (event: DragEvent) => {
      if (!carriesFile(event)) return;
      event.preventDefault();
      view.classList.add("over");
    };
    document.addEventListener("dragenter", over);
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) view.classList.remove("over");
    });
    document.addEventListener("drop", (event) => {
      view.classList.remove("over");
      if (!carriesFile(event)) return;
      event.preventDefault();
      void this.#open(event.dataTransfer?.files[0]);
    });
  }

  #paste(event: ClipboardEvent): void {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const { value, selectionStart, selectionEnd } = this.#area;
    if (value.length + pasted.length <= EDITABLE_LENGTH) return;
    event.preventDefault();
    const source = value.slice(0, selectionStart) + pasted + value.slice(selectionEnd);
    this.#hold({ name: "Pasted text", source });
  }

  async #open(file: File | undefined): Promise<void> {
    this.#file.value = "";
    if (!file) return;
    const text = await editableText(file);
    if (text === undefined) this.#hold({ name: file.name, source: file });
    else this.#edit(text);
  }

  #edit(text: string): void {
    this.#release();
    this.#area.value = text;
    this.#area.setSelectionRange(0, 0);
    this.#area.focus();
    this.#compute(text);
  }

  #hold({ name, source }: Held): void {
    const length = typeof source === "string" ? characters(source.length) : size(source.size);
    const remove = h("button", { type: "button", click: () => this.#edit("") }, "Remove");
    this.#held.replaceChildren(h("p", {}, h("strong", {}, name), h("span", {}, length)), remove);
    this.#held.hidden = false;
    this.#area.hidden = true;
    this.#area.value = "";
    this.#compute(source);
  }

  #release(): void {
    this.#held.hidden = true;
    this.#held.replaceChildren();
    this.#area.hidden = false;
  }

  #compute(source: Source): void {
    if (source === "") {
      this.#latest.withdraw();
      this.#result.empty();
      return;
    }
    this.#result.computing();
    this.#latest.submit(source);
  }

  #fault(fault: Fault): void {
    const { line, column } = fault;
    if (line === undefined || column === undefined || this.#area.hidden) {
      this.#result.fault(fault);
      return;
    }
    const go = h("button", { type: "button", click: () => goTo(this.#area, line, column) }, "Go to the fault");
    this.#result.fault(fault, go);
  }
}
