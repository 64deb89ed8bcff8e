/** Writes PDF values as bytes (ISO 32000-2, clause 7.3). */
import { concatBytes, toHex, ZhichengError } from '@zhicheng/core'
import { isArray, type PdfString, type PdfValue } from './objects.ts'

/** A value already in its written form, such as the placeholder of a signature. */
export interface WrittenValue {
  readonly kind: 'written'
  readonly text: string
}

/** Latin-1 bytes of a text whose characters are all below 256. */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index)
  return bytes
}

/** The written form of a value without stream data, one character a byte. */
export function formatPdfValue(value: PdfValue | WrittenValue): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return formatNumber(value)
  if (isArray(value)) return `[${value.map(formatPdfValue).join(' ')}]`
  switch (value.kind) {
    case 'written':
      return value.text
    case 'name':
      return formatName(value.name)
    case 'reference':
      return `${value.number} ${value.generation} R`
    case 'string':
      return value.hex ? `<${toHex(value.bytes)}>` : formatLiteral(value)
    case 'stream':
      return formatPdfValue(value.dictionary)
    case 'dictionary': {
      const parts = [...value.entries].map(([key, item]) => `${formatName(key)} ${formatPdfValue(item)}`)
      return `<<${parts.length > 0 ? `\n${parts.join('\n')}\n` : ''}>>`
    }
  }
}

/** `n g obj … endobj` and a line break. */
export function formatIndirectObject(number: number, generation: number, value: PdfValue | WrittenValue): Uint8Array {
  const head = `${number} ${generation} obj\n${formatPdfValue(value)}\n`
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'stream') {
    if (!value.data) {
      throw new ZhichengError('ERR_SEAL_PDF_UNSUPPORTED', `Stream ${number} of another file cannot be written again.`)
    }
    return concatBytes(latin1(`${head}stream\n`), value.data, latin1('\nendstream\nendobj\n'))
  }
  return latin1(`${head}endobj\n`)
}

/** A number without exponent. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toFixed(0)
  const text = value.toFixed(6).replace(/0+$/, '').replace(/\.$/, '')
  return text === '-0' ? '0' : text
}

function formatName(name: string): string {
  let text = '/'
  for (const character of name) {
    const code = character.charCodeAt(0)
    text +=
      /[!-~]/.test(character) && !/[#()<>[\]{}/%]/.test(character)
        ? character
        : `#${code.toString(16).padStart(2, '0')}`
  }
  return text
}

function formatLiteral(value: PdfString): string {
  let text = '('
  for (const byte of value.bytes) {
    if (byte === 0x28 || byte === 0x29 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`
    else if (byte < 32 || byte > 126) text += `\\${byte.toString(8).padStart(3, '0')}`
    else text += String.fromCharCode(byte)
  }
  return `${text})`
}
