/** Remembers what may happen once: a consumed state, a spent ticket, an ended session. */
import type { Clock } from '@zhicheng/core'
import { identityError } from './errors.ts'

/**
 * Marks keys until a time. Several processes behind one address share one store, or each accepts a replay once.
 * Keys are digests: nothing in them can be used to log in.
 */
export interface OnceStore {
  /** Marks the key; `false` if it was marked already. Must be atomic. */
  mark(key: string, until: Date): Promise<boolean>
  has(key: string): Promise<boolean>
}

/** Options of {@link memoryOnceStore}. */
export interface MemoryOnceOptions {
  clock: Clock
  /** Marks held at one time; above it logins are refused rather than marks forgotten. */
  maxEntries?: number
}

/**
 * A {@link OnceStore} in this process's memory: right for one process, forgotten at restart.
 *
 * @example
 * ```ts
 * const once = memoryOnceStore({ clock: systemClock })
 * await once.mark('a', new Date(Date.now() + 600_000))   // true
 * await once.mark('a', new Date(Date.now() + 600_000))   // false
 * ```
 */
export function memoryOnceStore({ clock, maxEntries = 200_000 }: MemoryOnceOptions): OnceStore {
  const marks = new Map<string, number>()
  const live = (key: string): boolean => (marks.get(key) ?? 0) > clock.now().getTime()
  return {
    async mark(key, until) {
      if (live(key)) return false
      if (marks.size >= maxEntries) {
        for (const other of marks.keys()) if (!live(other)) marks.delete(other)
        if (marks.size >= maxEntries) {
          throw identityError(
            'ERR_IDENTITY_TOO_MANY_LOGINS',
            `More than ${maxEntries} logins are remembered at once; raise maxEntries or use a shared store.`,
            { retryable: true, facts: { maxEntries } },
          )
        }
      }
      marks.set(key, until.getTime())
      return true
    },
    async has(key) {
      return live(key)
    },
  }
}
