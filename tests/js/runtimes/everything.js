// What is expected of every entry of the package, beside the vectors: the same result everywhere.

/** A text that is large enough for the runtime's own SHA-256, if it has one. */
const LARGE = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => ({ index, half: index / 2 })));

export async function everything({ isoblob, explain, WorkerPool }) {
  const { blobId, blobIdAsync, blobIdOfValue, hashFile } = isoblob;
  const pool = new WorkerPool({ size: 1 });
  const canonical = new TextEncoder().encode(isoblob.canonicalize(LARGE));
  const id = blobId(LARGE);
  const same = {
    blobIdAsync: await blobIdAsync(LARGE),
    blobIdOfValue: blobIdOfValue(JSON.parse(LARGE)),
    bytes: blobId(canonical),
    bytesAsync: await blobIdAsync(canonical),
    explain: explain(LARGE, "[]").one,
    hashFile: await hashFile(new Blob([canonical])),
    poolCanonicalize: (await pool.canonicalize(new Blob([LARGE]))).id,
    poolHashFile: await pool.hashFile(new Blob([canonical])),
    poolTextId: await pool.textId(LARGE),
  };
  pool.close();
  return { id, others: Object.keys(same).filter((name) => same[name] !== id) };
}
