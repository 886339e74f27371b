// The server under test: the real binary, on a port of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const READY = /^isoblob is serving (http:\/\/\S+)\/ from /;

/**
 * Starts a server that keeps its blobs in memory, with these settings. `origin` is where it is, without a slash at the
 * end.
 *
 * @param {Record<string, string>} [settings] variables of its environment
 * @returns {Promise<{ origin: string, stop: () => Promise<void> }>}
 */
export async function startIsoblob(settings) {
  const binary = process.env.ISOBLOB_BIN;
  if (!binary) throw new Error("ISOBLOB_BIN must name the isoblob binary to test; `cargo xtask test` sets it");
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--store", "memory:"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...settings },
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = READY.exec(line)?.[1];
    if (!origin) break;
    const stop = async () => {
      child.kill("SIGTERM");
      const [code, signal] = await ended;
      if (code !== 0) throw new Error(`isoblob ended with ${code ?? signal}`);
    };
    return { origin, stop };
  }
  child.kill("SIGKILL");
  throw new Error("isoblob did not say where it is serving");
}
