// Many tasks, a few at a time.

/** Awaits a task for each item, so many at once, and returns their results in order. The first failure ends it. */
export async function pooled<T, R>(items: readonly T[], atOnce: number, task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await task(items[index] as T);
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, work);
  try {
    await Promise.all(workers);
  } finally {
    next = items.length;
  }
  return results;
}
