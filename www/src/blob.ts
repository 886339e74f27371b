// The view of one blob: fetched raw, hashed here, and shown only if the hash is the id that was asked for.

import { copyButton } from "./copy";
import { h } from "./dom";
import { sentence } from "./fault";
import { bytes } from "./format";
import { idView, isId } from "./id";
import { hexWriter, listing, plainWriter, prettyWriter } from "./listing";
import { BLOBS, type Content, type Fault, type Fetched } from "./protocol";
import { type Remote, faultOf } from "./remote";
import { type Form, path } from "./route";

/** The name of a downloaded file ends with this. */
const EXTENSION: Record<Content, string> = { json: "json", text: "txt", bytes: "bin" };

export class BlobView {
  readonly #id: string;
  readonly #verdict = h("div", { class: "verdict", "data-testid": "verdict", role: "status" });
  readonly #body = h("div", { class: "body" });
  readonly view: HTMLElement;
  #form: Form;
  #left = false;
  #url: string | undefined;

  constructor(blobs: Remote, id: string, form: Form) {
    this.#id = id;
    this.#form = form;
    const title = h("h1", { tabindex: -1 }, "Blob");
    const named = isId(id);
    this.view = h(
      "article",
      { class: "blob", "data-testid": "blob" },
      named
        ? h(
            "div",
            { class: "heading" },
            title,
            copyButton("Copy id", () => id),
          )
        : title,
      named ? idView("p", id, { class: "id wide" }) : h("p", { class: "id wrong" }, id),
      this.#verdict,
      this.#body,
    );
    this.#judge("pending", "Fetching and verifying…");
    void this.#open(blobs);
  }

  /** Another view takes the place of this one. */
  leave(): void {
    this.#left = true;
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  async #open(blobs: Remote): Promise<void> {
    try {
      const blob = await blobs.call("get", this.#id);
      if (!this.#left) this.#verified(blob);
    } catch (error) {
      if (!this.#left) this.#refused(faultOf(error));
    }
  }

  #judge(verdict: string, ...said: (Node | string)[]): void {
    this.view.dataset["verdict"] = verdict;
    this.#verdict.replaceChildren(...said);
  }

  #verified(blob: Fetched): void {
    this.#judge(
      "verified",
      h("strong", {}, "Verified"),
      `: the SHA-256 of these ${bytes(blob.bytes.length)} is this id.`,
    );
    this.#url = URL.createObjectURL(new Blob([blob.bytes], { type: "application/octet-stream" }));
    const name = `${this.#id}.${EXTENSION[blob.content]}`;
    const content = h("div", {}, this.#listing(blob));
    const tools = h("div", { class: "tools" });
    if (blob.content === "json") tools.append(this.#forms(blob, content));
    const type = h(
      "span",
      { title: "What the server says that it is. The type is not part of the id." },
      `Type: ${blob.type}`,
    );
    tools.append(h("p", {}, type, h("a", { href: this.#url, download: name }, "Download")));
    this.#body.replaceChildren(tools, content, this.#proof());
  }

  #refused(fault: Fault): void {
    switch (fault.code) {
      case "mismatch":
        this.#judge(
          "mismatch",
          h("p", {}, h("strong", {}, "Refused"), ": what the server answered is not this blob. None of it is shown."),
          this.#ids(fault.expected ?? "", fault.actual ?? ""),
        );
        return;
      case "not_found":
        this.#judge("not_found", h("strong", {}, "Not found"), ": this server has no blob with this id.");
        return;
      case "invalid_id":
        this.#judge("invalid_id", h("strong", {}, "Not an id"), ": an id is 64 hex digits, in lowercase.");
        return;
      default:
        this.#judge("failed", h("strong", {}, "Not opened"), `: ${sentence(fault)}`);
        this.view.dataset["code"] = fault.code;
    }
  }

  #ids(expected: string, actual: string): HTMLElement {
    return h(
      "dl",
      {},
      h("dt", {}, "Asked for"),
      idView("dd", expected, { class: "id wide", "data-testid": "expected" }),
      h("dt", {}, "The answer's SHA-256"),
      idView("dd", actual, { class: "id wide", "data-testid": "actual" }),
    );
  }

  #listing({ bytes: content, content: kind }: Fetched): HTMLElement {
    if (kind === "bytes") return listing(content.length, hexWriter(content), "content", "Content in hex");
    const pretty = kind === "json" && this.#form === "pretty";
    return listing(content.length, pretty ? prettyWriter(content) : plainWriter(content), "content", "Content");
  }

  #forms(blob: Fetched, content: HTMLElement): HTMLElement {
    const choose = (form: Form) => () => {
      this.#form = form;
      history.replaceState(history.state, "", path({ view: "blob", id: this.#id, form }));
      content.replaceChildren(this.#listing(blob));
    };
    const option = (form: Form, label: string) =>
      h(
        "label",
        {},
        h("input", { type: "radio", name: "form", checked: this.#form === form, change: choose(form) }),
        label,
      );
    return h(
      "fieldset",
      { class: "segments" },
      h("legend", { class: "unseen" }, "Form"),
      option("pretty", "Pretty"),
      option("canonical", "Canonical"),
    );
  }

  /** The line that proves the blob without any of this software. */
  #proof(): HTMLElement {
    const command = `curl -sH accept:application/octet-stream ${location.origin}${BLOBS}/${this.#id} | sha256sum`;
    return h(
      "section",
      { class: "proof", "aria-label": "Proof" },
      h(
        "div",
        { class: "heading" },
        h("h2", {}, "Prove it elsewhere"),
        copyButton("Copy command", () => command),
      ),
      h(
        "pre",
        { tabindex: 0, role: "region", "aria-label": "Command" },
        h("code", { "data-testid": "proof" }, command),
      ),
      h("p", { class: "hint" }, "It prints the id, with none of this software involved."),
    );
  }
}
