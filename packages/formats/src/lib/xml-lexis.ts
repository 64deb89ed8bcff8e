/** Characters, names and references of XML 1.0 (fifth edition) and of its namespaces. */
import { formatsError } from '../errors.ts'

const start =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}'
const part = `[${start}][-.0-9\\u00b7\\u0300-\\u036f\\u203f\\u2040${start}]*`

/** A name with an optional prefix (Namespaces in XML, production 7). */
export const qualifiedName: RegExp = new RegExp(`^(?:(${part}):)?(${part})$`, 'u')

const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' }

/** True if every character may stand in XML. */
export function isXmlText(text: string): boolean {
  return !illegal.test(text)
}

/** Throws `ERR_XML_MALFORMED` at a character that XML forbids, such as a control character. */
export function assertXmlText(text: string): void {
  if (!isXmlText(text)) throw formatsError('ERR_XML_MALFORMED', 'The XML holds a character that XML forbids.')
}

/** The text with its references replaced; `undefined` if one is neither of the five nor a legal character. */
export function readReference(raw: string): string | undefined {
  if (!raw.includes('&')) return raw
  let valid = true
  const text = raw.replace(/&([^;&]{0,12};)?/g, (_, body: string | undefined) => {
    const value = body === undefined ? undefined : readOne(body.slice(0, -1))
    if (value === undefined) valid = false
    return value ?? ''
  })
  return valid ? text : undefined
}

function readOne(body: string): string | undefined {
  const known = Object.hasOwn(named, body) ? named[body] : undefined
  if (known !== undefined) return known
  const match = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(body)
  if (!match) return undefined
  const code = match[1] === undefined ? Number.parseInt(match[2]!, 10) : Number.parseInt(match[1], 16)
  if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined
  const character = String.fromCodePoint(code)
  return isXmlText(character) ? character : undefined
}
