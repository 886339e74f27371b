// A server in front of a real isoblob. It serves the npm package and the modules of these tests beside it, so that a
// page has them all from one origin, passes everything else on, and lies when it is told to.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request } from "node:http";

const PACKAGE = new URL(import.meta.resolve("isoblob/package.json"));

const TYPES = { html: "text/html", js: "text/javascript", json: "application/json", wasm: "application/wasm" };

const EXPORTS = JSON.parse(await readFile(PACKAGE, "utf8")).exports;

/** Where the browser gets an entry of the package, by the package's own exports. */
export const entryUrl = (entry) => `/package/${EXPORTS[entry].default.slice(2)}`;

const IMPORTS = { isoblob: entryUrl("."), "isoblob/pool": entryUrl("./pool") };

const TEST_PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>test</title>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`;

/** A server between a client and `origin`. */
export class Front {
  /**
   * What becomes of an answer: it gets `{ method, path, sent, status, headers, body }` and returns what to answer instead.
   * With `cut: true` the connection ends before the body does.
   */
  tamper = (answer) => answer;

  /** The requests that were passed on, as `"GET /api/v1/blobs/…"`. */
  requests = [];

  /** Scripts by their paths. */
  scripts = {};

  #server = createServer((incoming, response) =>
    this.#handle(incoming, response).catch((error) => response.destroy(error)),
  );

  constructor(origin) {
    this.isoblob = origin;
  }

  static async before(origin) {
    const front = new Front(origin);
    front.#server.listen(0, "127.0.0.1");
    await once(front.#server, "listening");
    front.origin = `http://127.0.0.1:${front.#server.address().port}`;
    front.blobs = `${front.origin}/api/v1/blobs`;
    front.testPage = `${front.origin}/tests/`;
    return front;
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /** The truth again, and nothing asked for yet. */
  reset() {
    this.tamper = (answer) => answer;
    this.requests = [];
  }

  async #handle(incoming, response) {
    const script = this.scripts[incoming.url];
    const file = script === undefined ? await ownFile(incoming.url) : { type: TYPES.js, body: script };
    if (file) return response.writeHead(200, { "content-type": file.type }).end(file.body);
    const { status, headers, body, cut } = this.tamper(await this.#pass(incoming));
    response.writeHead(status, { ...headers, "content-length": body.length + (cut ? 1 : 0) });
    if (cut) return response.write(body, () => response.destroy());
    response.end(body);
  }

  /** The request as it is, to isoblob; isoblob's answer. */
  async #pass(incoming) {
    const { method, url: path } = incoming;
    this.requests.push(`${method} ${path}`);
    // Nothing is compressed on the way, so that a lie changes the very bytes.
    const headers = { ...incoming.headers, "accept-encoding": "identity" };
    const content = Buffer.concat(await incoming.toArray());
    const passed = request(this.isoblob + path, { method, headers }).end(content);
    const [answer] = await once(passed, "response");
    const { connection, "keep-alive": _, "transfer-encoding": __, ...kept } = answer.headers;
    const body = Buffer.concat(await answer.toArray());
    return { method, path, sent: incoming.headers, status: answer.statusCode, headers: kept, body };
  }
}

/** A file of the package or of these tests, or nothing. */
async function ownFile(url) {
  if (url === "/tests/") return { type: TYPES.html, body: TEST_PAGE };
  const [, folder, path] = /^\/(package|tests)\/([\w/-]+\.\w+)$/.exec(url) ?? [];
  if (!folder) return undefined;
  const body = await readFile(new URL(path, folder === "package" ? PACKAGE : import.meta.url));
  return { type: TYPES[path.split(".").pop()], body };
}
