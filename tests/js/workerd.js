// workerd, Cloudflare's runtime: one module worker, on a port of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WORKERD = fileURLToPath(import.meta.resolve("workerd/bin/workerd"));

const configuration = (modules) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (modules = [${modules}], compatibilityDate = "2026-01-01");
`;

/** Starts it with the files of a folder, of which the first is the worker and those that end with `.wasm` are modules. */
export async function startWorkerd(folder, files) {
  const kind = (file) => (file.endsWith(".wasm") ? "wasm" : "esModule");
  const modules = files.map((file) => `(name = "${file}", ${kind(file)} = embed "${file}")`);
  await writeFile(join(folder, "config.capnp"), configuration(modules.join(", ")));
  const child = spawn(WORKERD, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill();
    await ended;
  };
  for await (const line of createInterface({ input: child.stdio[3] })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return { origin: `http://127.0.0.1:${port}`, stop };
  }
  await stop();
  throw new Error("workerd did not say where it listens");
}
