/** One thing after the other. */

/** Runs work after all work that was given before, whether that succeeded or not. */
export type Queue = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Makes a queue. */
export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
}
