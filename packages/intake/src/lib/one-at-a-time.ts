/** Runs works of one key one after the other, and works of different keys side by side. */
export function createQueue(): <Result>(key: string, work: () => Promise<Result>) => Promise<Result> {
  const ends = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const run = (ends.get(key) ?? Promise.resolve()).then(work)
    // Whoever comes next waits for the end, not for the success.
    const end = run.then(
      () => {},
      () => {},
    )
    ends.set(key, end)
    try {
      return await run
    } finally {
      if (ends.get(key) === end) ends.delete(key)
    }
  }
}
