// What is wrong, as a person sees it: the sentence, the place, and the line with the character at fault marked.

import { h } from "./dom";
import type { Excerpt, Fault } from "./protocol";

export function faultView(fault: Fault, ...actions: Node[]): HTMLElement {
  const view = h("div", { class: "fault", "data-testid": "fault", "data-code": fault.code });
  view.append(h("p", { class: "what" }, sentence(fault)));
  if (fault.line !== undefined && fault.column !== undefined) {
    view.dataset["line"] = String(fault.line);
    view.dataset["column"] = String(fault.column);
    view.append(h("p", { class: "where" }, `Line ${fault.line}, column ${fault.column}`, ...under(fault.pointer)));
  }
  if (fault.excerpt) view.append(excerptView(fault.excerpt));
  if (actions.length > 0) view.append(h("p", { class: "actions" }, ...actions));
  return view;
}

/** The message without the place that it ends with, which is shown by itself. */
export function sentence({ message, line }: Fault): string {
  const what = line === undefined ? message : message.replace(/, at line \d+ column \d+ \(byte \d+\).*$/s, "");
  return what.charAt(0).toUpperCase() + what.slice(1) + ".";
}

function under(pointer: string | undefined): (Node | string)[] {
  return pointer ? [", in ", h("code", {}, pointer)] : [];
}

function excerptView({ before, at, after }: Excerpt): HTMLElement {
  const mark = at === "" ? h("mark", { class: "end" }, "end") : h("mark", {}, at);
  return h("pre", { class: "excerpt" }, before, mark, after);
}
