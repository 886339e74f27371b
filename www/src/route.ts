// The address of every view, so that it can be linked to, reloaded and gone back to.

import { blobPath } from "./id";

/** How the JSON of a blob is shown. */
export type Form = "pretty" | "canonical";

export type Route = { view: "editor" } | { view: "blob"; id: string; form: Form };

export function route({ pathname, search }: Location): Route {
  const id = /^\/b\/([^/]*)\/?$/.exec(pathname)?.[1];
  if (id === undefined) return { view: "editor" };
  const form = new URLSearchParams(search).get("form") === "canonical" ? "canonical" : "pretty";
  return { view: "blob", id: decoded(id), form };
}

export function path(route: Route): string {
  if (route.view === "editor") return "/";
  return blobPath(route.id) + (route.form === "canonical" ? "?form=canonical" : "");
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Calls `show` for the present address and whenever another one takes its place, without loading the page again. */
export function follow(show: (route: Route) => void): { go: (path: string) => void } {
  const go = (to: string) => {
    history.pushState(null, "", to);
    scrollTo(0, 0);
    show(route(location));
  };
  addEventListener("popstate", () => show(route(location)));
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || !isOwn(link) || event.defaultPrevented || !isPlain(event)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  show(route(location));
  return { go };
}

function isOwn(link: HTMLAnchorElement): boolean {
  const isView = link.pathname === "/" || link.pathname.startsWith("/b/");
  return link.origin === location.origin && isView && !link.hasAttribute("download") && link.target === "";
}

/** A click that asks for no new tab or window. */
function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
