// Numbers as people read them.

const count = new Intl.NumberFormat("en");

/** `1 byte`, `20,480 bytes`: exact, because the hash is of exactly these. */
export function bytes(length: number): string {
  return `${count.format(length)} ${length === 1 ? "byte" : "bytes"}`;
}

/** `1,200,000 characters`: UTF-16 code units, which is what JavaScript counts. */
export function characters(length: number): string {
  return `${count.format(length)} ${length === 1 ? "character" : "characters"}`;
}

/** `20 bytes`, `1.5 MiB`: short. */
export function size(length: number): string {
  if (length < 1024) return bytes(length);
  const units = ["KiB", "MiB", "GiB"];
  const power = Math.min(Math.floor(Math.log2(length) / 10), units.length);
  const value = length / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : count.format(Math.round(value))} ${units[power - 1]}`;
}
