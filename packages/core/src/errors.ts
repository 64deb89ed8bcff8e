/**
 * The one error base of the house: a code to switch on, facts as fields, and the cause kept.
 *
 * A message says what happened, with what, and what to do. It never holds a secret or a personal number.
 */

const brand: unique symbol = Symbol.for('zhicheng.error') as never

/** What is known about a request that failed: it never left, nobody knows, or the other side said no. */
export type Outcome = 'not_sent' | 'unknown' | 'refused'

/** Options of {@link ZhichengError}. */
export interface ZhichengErrorOptions {
  /** The error that led to this one. */
  cause?: unknown
  /** Set where something was sent. `unknown` means: ask before sending again. */
  outcome?: Outcome
  /** True if the same call may go through later without a change. */
  retryable?: boolean
  /** Facts a program can read: identifiers, offsets, limits. Never secrets or personal numbers. */
  facts?: Readonly<Record<string, unknown>>
}

/**
 * Base of every error this project throws on purpose.
 *
 * @example
 * ```ts
 * try {
 *   readZip(bytes)
 * } catch (error) {
 *   if (isZhichengError(error) && error.code === 'ERR_ZIP_DUPLICATE_NAME') showToUser(error.message)
 *   else throw error
 * }
 * ```
 */
export class ZhichengError<Code extends string = string> extends Error {
  override readonly name: string = 'ZhichengError'
  readonly code: Code
  readonly outcome: Outcome | undefined
  readonly retryable: boolean
  readonly facts: Readonly<Record<string, unknown>>

  constructor(
    code: Code,
    message: string,
    { cause, outcome, retryable = false, facts = {} }: ZhichengErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.outcome = outcome
    this.retryable = retryable
    this.facts = facts
    Object.defineProperty(this, brand, { value: true })
  }

  /** The shape that logs and JSON answers get: code, message and facts, without stack and cause. */
  toJSON(): { code: Code; message: string; outcome?: Outcome; facts?: Readonly<Record<string, unknown>> } {
    return {
      code: this.code,
      message: this.message,
      ...(this.outcome ? { outcome: this.outcome } : {}),
      ...(Object.keys(this.facts).length > 0 ? { facts: this.facts } : {}),
    }
  }
}

/** True for an error of any copy of this package: the brand is a registered symbol, so two installed copies agree. */
export function isZhichengError(value: unknown): value is ZhichengError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}
