// A server of files under a content security policy that allows no code but the site's own, and WebAssembly.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };

/** What a strict policy must allow for the package. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";

/** Serves a folder, and beside it `pages`, texts by their paths; a hash in `policy` allows what stands in them. */
export async function serveFiles(folder, { pages = {}, policy = "" } = {}) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const content = pages[path] === undefined ? readFile(join(folder, path)) : Promise.resolve(pages[path]);
    content.then(
      (body) => {
        const type = TYPES[extname(path)] ?? "text/html";
        response.writeHead(200, { "content-type": type, "content-security-policy": POLICY + policy }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { port: server.address().port, stop };
}
