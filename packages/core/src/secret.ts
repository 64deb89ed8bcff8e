/** A value that no log, error, span, JSON or inspect output shows. */

const shown = '[secret]'

// Two copies of this package in one program, or one of each module kind, must still know each other's secrets.
const brand = Symbol.for('@zhicheng/core/Secret')

/**
 * Holds a secret so that it can be passed around without being printed by accident.
 *
 * @example
 * ```ts
 * const key = secret('0123456789abcdef0123456789abcdef')
 * `${key}`        // '[secret]'
 * key.reveal()    // the value, on purpose
 * ```
 */
export class Secret<Value = string> {
  readonly #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  /** The value itself. Call it at the last moment, and do not keep the result. */
  reveal(): Value {
    return this.#value
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }
}

// Node's inspect looks for this symbol; without it console.log would still hide the private field, but say less.
Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: () => shown })

Object.defineProperty(Secret.prototype, brand, { value: true })
Object.defineProperty(Secret, Symbol.hasInstance, {
  value: (value: unknown) => typeof value === 'object' && value !== null && brand in value,
})

/** Wraps a value as a {@link Secret}; a value that is one already comes back as it is. */
export function secret<Value>(value: Value | Secret<Value>): Secret<Value> {
  return value instanceof Secret ? value : new Secret(value)
}
