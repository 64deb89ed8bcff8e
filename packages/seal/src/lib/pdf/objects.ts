/** The object types of PDF (ISO 32000-2, clause 7.3) as plain values, and the few questions asked about them. */

/** A name; `#xx` is decoded. */
export interface PdfName {
  readonly kind: 'name'
  readonly name: string
}

/** A string; where it was read from a file directly, `start` and `end` are the offsets of its delimiters. */
export interface PdfString {
  readonly kind: 'string'
  readonly bytes: Uint8Array
  readonly hex: boolean
  readonly start?: number
  readonly end?: number
}

/** A reference to an indirect object. */
export interface PdfReference {
  readonly kind: 'reference'
  readonly number: number
  readonly generation: number
}

/** A dictionary. A key written twice is remembered, because readers disagree on which one counts. */
export interface PdfDictionary {
  readonly kind: 'dictionary'
  readonly entries: Map<string, PdfValue>
  readonly duplicateKeys: readonly string[]
}

/** A stream: its dictionary and where its data lies in the file, or the data itself for a new one. */
export interface PdfStream {
  readonly kind: 'stream'
  readonly dictionary: PdfDictionary
  readonly start: number
  readonly length: number
  readonly data?: Uint8Array
}

/** Any PDF value. */
export type PdfValue =
  | null
  | boolean
  | number
  | PdfName
  | PdfString
  | PdfReference
  | readonly PdfValue[]
  | PdfDictionary
  | PdfStream

/** A name value. */
export function pdfName(name: string): PdfName {
  return { kind: 'name', name }
}

/** A reference value. */
export function pdfReference(number: number, generation = 0): PdfReference {
  return { kind: 'reference', number, generation }
}

/** A dictionary value; keys whose value is `undefined` are left out. */
export function pdfDictionary(entries: Readonly<Record<string, PdfValue | undefined>>): PdfDictionary {
  const map = new Map<string, PdfValue>()
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) map.set(key, value)
  return { kind: 'dictionary', entries: map, duplicateKeys: [] }
}

/** A copy of a dictionary with some entries set. */
export function withEntries(
  dictionary: PdfDictionary,
  changes: Readonly<Record<string, PdfValue | undefined>>,
): PdfDictionary {
  const map = new Map(dictionary.entries)
  for (const [key, value] of Object.entries(changes)) if (value !== undefined) map.set(key, value)
  return { kind: 'dictionary', entries: map, duplicateKeys: [] }
}

/** A new stream. */
export function pdfStream(entries: Readonly<Record<string, PdfValue | undefined>>, data: Uint8Array): PdfStream {
  return {
    kind: 'stream',
    dictionary: pdfDictionary({ ...entries, Length: data.length }),
    start: 0,
    length: data.length,
    data,
  }
}

/** A string value of bytes, written as hex when asked. */
export function pdfString(bytes: Uint8Array, hex = false): PdfString {
  return { kind: 'string', bytes, hex }
}

/** A text string: ASCII as it is, everything else in UTF-16BE with its mark (ISO 32000-2, 7.9.2.2). */
export function pdfText(text: string): PdfString {
  if (/^[\x20-\x7e]*$/.test(text)) return pdfString(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  const bytes = new Uint8Array(2 + text.length * 2)
  bytes.set([0xfe, 0xff])
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    bytes.set([unit >> 8, unit & 0xff], 2 + index * 2)
  }
  return pdfString(bytes, true)
}

/** The text of a text string: UTF-16BE or UTF-8 by its mark, else byte by byte. */
export function textOfString(value: PdfString): string {
  const { bytes } = value
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes.subarray(2))
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder().decode(bytes.subarray(3))
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

function isKind(value: PdfValue | undefined, kind: string): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

export function isName(value: PdfValue | undefined, name?: string): value is PdfName {
  return isKind(value, 'name') && (name === undefined || (value as PdfName).name === name)
}

export function isString(value: PdfValue | undefined): value is PdfString {
  return isKind(value, 'string')
}

export function isReference(value: PdfValue | undefined): value is PdfReference {
  return isKind(value, 'reference')
}

export function isDictionary(value: PdfValue | undefined): value is PdfDictionary {
  return isKind(value, 'dictionary')
}

export function isStream(value: PdfValue | undefined): value is PdfStream {
  return isKind(value, 'stream')
}

export function isArray(value: unknown): value is readonly PdfValue[] {
  return Array.isArray(value)
}

function sameReference(left: PdfValue | undefined, right: PdfValue | undefined): boolean {
  return isReference(left) && isReference(right) && left.number === right.number && left.generation === right.generation
}

/** True if both values are written the same: references are compared by number, stream data is not looked at. */
export function sameValue(left: PdfValue | undefined, right: PdfValue | undefined): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (isArray(left) || isArray(right)) {
    return (
      isArray(left) &&
      isArray(right) &&
      left.length === right.length &&
      left.every((item, i) => sameValue(item, right[i]))
    )
  }
  if (left.kind === 'name') return isName(right, left.name)
  if (left.kind === 'reference') return sameReference(left, right)
  if (left.kind === 'string') {
    return (
      isString(right) &&
      left.bytes.length === right.bytes.length &&
      left.bytes.every((byte, index) => byte === right.bytes[index])
    )
  }
  if (left.kind === 'stream') return isStream(right) && sameValue(left.dictionary, right.dictionary)
  if (!isDictionary(right) || left.entries.size !== right.entries.size) return false
  for (const [key, value] of left.entries) {
    const other = right.entries.get(key)
    if (other === undefined || !sameValue(value, other)) return false
  }
  return true
}
