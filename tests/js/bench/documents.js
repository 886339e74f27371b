// What is measured: the documents of core/bench, and two of 1 KiB.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const unpacked = (name) => {
  const path = fileURLToPath(new URL(`../../../core/bench/documents/${name}.json.xz`, import.meta.url));
  return execFileSync("xz", ["--decompress", "--stdout", path], { encoding: "utf8", maxBuffer: 2 ** 24 });
};

/** An order as an API sends it, in so many bytes at most. */
function order(bytes, id) {
  const line = (index) => ({ sku: `SKU-${index}`, quantity: index, price: index * 1.25, tags: ["new", "bücher"] });
  let lines = [];
  const text = (more) => `{"id":${id},"customer":"Zoë","lines":${JSON.stringify(more)}}`;
  while (new TextEncoder().encode(text([...lines, line(lines.length)])).length <= bytes) lines = [...lines, line(lines.length)];
  return text(lines);
}

/** The texts, with their names. */
export const DOCUMENTS = [
  ...["twitter", "citm_catalog", "canada"].map((name) => ({ name, text: unpacked(name) })),
  { name: "order of 1 KiB", text: order(1024, 12345) },
];

/** The same order with an integer past 2^53. */
export const EXACT = order(1024, "505874924095815681");
