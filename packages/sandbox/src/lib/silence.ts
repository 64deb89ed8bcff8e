/** A platform that takes a request and does not answer. */

/** Longer than anybody waits; ends at once when the caller hangs up. */
export function silence(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 60_000)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
