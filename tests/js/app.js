// An app beside which the packed npm package is installed, as a user has it: nothing of this repository is in reach.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

const PACKAGE = fileURLToPath(new URL("../../wasm/npm", import.meta.url));

/** The programs of the app, and the vectors beside them. */
const PROGRAMS = fileURLToPath(new URL("runtimes", import.meta.url));
const VECTORS = fileURLToPath(new URL("../../core/tests/vectors.json", import.meta.url));

/** Packs the package and installs it. `packed` is what npm says of the tarball. */
export async function makeApp() {
  const folder = await mkdtemp(join(tmpdir(), "isoblob-app-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: PACKAGE });
  const [packed] = Object.values(JSON.parse(stdout));
  await cp(PROGRAMS, folder, { recursive: true });
  await cp(VECTORS, join(folder, "vectors.json"));
  await writeFile(join(folder, "package.json"), '{"name": "app", "private": true, "type": "module"}');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${packed.filename}`], { cwd: folder });
  return { folder, packed, path: (...names) => join(folder, ...names), stop: () => rm(folder, { recursive: true }) };
}
