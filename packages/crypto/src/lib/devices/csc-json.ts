/** JSON of the CSC API, read by hand: bounded, and only what has the right type and length. */
import { fromBase64, fromUtf8, isZhichengError, type Outcome } from '@zhicheng/core'
import { cryptoError } from '../../errors.ts'

/** An object whose fields are not known to be anything. */
export type JsonFields = Readonly<Record<string, unknown>>

/** The largest body that is read. */
export const maxCscBytes = 1_048_576

/** An error for what breaks the protocol; `outcome` is given where a request had been sent. */
export function cscInvalid(message: string, options: { cause?: unknown; outcome?: Outcome } = {}): Error {
  return cryptoError('ERR_CSC_INVALID', message, options)
}

/** The object that a body is. Throws `ERR_CSC_INVALID`. */
export function readFields(body: Uint8Array, what: string): JsonFields {
  if (body.length > maxCscBytes) throw cscInvalid(`${what} is larger than ${maxCscBytes} bytes.`)
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(body))
  } catch {
    // The parser's own error quotes what it read, and that may be a token.
    throw cscInvalid(`${what} is not JSON.`)
  }
  return asFields(value, what)
}

/** A value as an object. */
export function asFields(value: unknown, what: string): JsonFields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonFields
  throw cscInvalid(`${what} is not a JSON object.`)
}

/** A text that must be there. */
export function readText(fields: JsonFields, name: string, maxLength = 1024): string {
  const value = fieldOf(fields, name)
  if (typeof value === 'string' && value !== '' && value.length <= maxLength) return value
  throw cscInvalid(`The field ${name} is not a text of at most ${maxLength} characters.`)
}

/** A short name, such as a status: letters, digits and a few signs, for it may end up in messages and logs. */
export function readName(fields: JsonFields, name: string): string {
  const value = readText(fields, name, 64)
  if (/^[A-Za-z0-9_.:-]+$/.test(value)) return value
  throw cscInvalid(`The field ${name} is not a plain name.`)
}

/** A text that may be missing. */
export function readOptionalText(fields: JsonFields, name: string, maxLength = 1024): string | undefined {
  return fieldOf(fields, name) === undefined ? undefined : readText(fields, name, maxLength)
}

/** A whole number in a range, or what stands for a missing one. */
export function readNumber(fields: JsonFields, name: string, missing: number, range: [number, number]): number {
  const value = fieldOf(fields, name) ?? missing
  if (typeof value === 'number' && Number.isInteger(value) && value >= range[0] && value <= range[1]) return value
  throw cscInvalid(`The field ${name} is not a whole number from ${range[0]} to ${range[1]}.`)
}

/** A list of texts; a missing one is empty. */
export function readTexts(fields: JsonFields, name: string, maxCount: number, maxLength = 1024): string[] {
  const value = fieldOf(fields, name) ?? []
  const good =
    Array.isArray(value) &&
    value.length <= maxCount &&
    value.every((text) => typeof text === 'string' && text.length <= maxLength)
  if (good) return value as string[]
  throw cscInvalid(`The field ${name} is not a list of at most ${maxCount} texts.`)
}

/** A list of bytes in Base64. */
export function readByteTexts(fields: JsonFields, name: string, maxCount: number, maxLength: number): Uint8Array[] {
  return readTexts(fields, name, maxCount, maxLength).map((text) => {
    try {
      return fromBase64(text)
    } catch (cause) {
      if (!isZhichengError(cause)) throw cause
      throw cscInvalid(`The field ${name} holds what is not Base64.`, { cause })
    }
  })
}

/** A field of the object itself, `null` counting as missing. */
export function fieldOf(fields: JsonFields, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined
}
