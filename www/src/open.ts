// The field in the header that opens an id, wherever one is.

import { blobPath, isId } from "./id";

/** `go` opens an address. */
export function openForm(form: HTMLFormElement, go: (path: string) => void): void {
  const input = form.querySelector("input");
  const fault = form.querySelector("p");
  if (!input || !fault) throw new Error("the form has a field and a place for what is wrong");

  const mark = (wrong: boolean) => {
    fault.textContent = wrong ? "An id is 64 hex digits, in lowercase." : "";
    input.setAttribute("aria-invalid", String(wrong));
  };

  input.addEventListener("input", () => mark(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const id = input.value.trim();
    mark(!isId(id));
    if (!isId(id)) {
      input.focus();
      return;
    }
    input.value = "";
    go(blobPath(id));
  });
}
