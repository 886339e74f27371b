// Puts the view of the present address on the page.

import { BlobView } from "./blob";
import { Editor } from "./editor";
import { openForm } from "./open";
import { Remote } from "./remote";
import { follow, type Route } from "./route";

const main = document.querySelector("main");
const form = document.querySelector<HTMLFormElement>("#open");
if (!main || !form) throw new Error("the page has a main part and a form");

/** Stores and fetches. What it was asked to store, it finishes. */
const blobs = new Remote();
let editor: Editor | undefined;
let open: BlobView | undefined;
let first = true;

function show(route: Route): void {
  open?.leave();
  open = undefined;
  if (route.view === "editor") {
    editor ??= new Editor(blobs);
    main?.replaceChildren(editor.view);
    document.title = "isoblob";
  } else {
    open = new BlobView(blobs, route.id, route.form);
    main?.replaceChildren(open.view);
    document.title = `${route.id.slice(0, 8)} · isoblob`;
  }
  // A reader of screens is taken to the new view, as by loading a page; the first one is loaded.
  if (!first) main?.querySelector("h1")?.focus({ preventScroll: true });
  first = false;
}

const { go } = follow(show);
openForm(form, go);
