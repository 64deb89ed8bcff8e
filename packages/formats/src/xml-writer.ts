/** Writes XML: the same bytes for the same content, everything escaped, and nothing that a reader would refuse. */
import { utf8 } from '@zhicheng/core'
import { formatsError } from './errors.ts'
import { isXmlText, qualifiedName } from './lib/xml-lexis.ts'

/** An element to be written; made by {@link xml}. */
export interface XmlNode {
  readonly name: string
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly children: readonly XmlContent[]
}

/** What can stand inside an element: elements, text, lists of both; `undefined` stands for nothing. */
export type XmlContent = XmlNode | string | undefined | readonly XmlContent[]

/** Options of {@link formatXml}. */
export interface FormatXmlOptions {
  /** Begins with `<?xml version="1.0" encoding="UTF-8"?>`; true by default. */
  declaration?: boolean
  /** Puts elements that hold no text on lines of their own; false by default. */
  indent?: boolean
}

/**
 * Describes an element. Attributes with the value `undefined` are left out. Throws `ERR_XML_UNWRITABLE` for names and
 * characters that XML does not have.
 *
 * @example
 * ```ts
 * formatXml(xml('ofd:OFD', { 'xmlns:ofd': 'http://www.ofdspec.org/2016', Version: '1.0' }, xml('ofd:DocBody', null)))
 * ```
 */
export function xml(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> | null,
  ...children: readonly XmlContent[]
): XmlNode {
  assertName(name)
  const pairs: [string, string][] = []
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined) continue
    assertName(key)
    if (typeof value === 'number' && !Number.isFinite(value)) throw unwritable(`the number of ${key}`)
    pairs.push([key, assertText(String(value))])
  }
  return { name, attributes: pairs, children }
}

/** The bytes of a document in UTF-8. */
export function formatXml(
  root: XmlContent,
  { declaration = true, indent = false }: FormatXmlOptions = {},
): Uint8Array<ArrayBuffer> {
  if (root === undefined || typeof root === 'string' || Array.isArray(root)) throw unwritable('a root without element')
  const parts: string[] = declaration ? ['<?xml version="1.0" encoding="UTF-8"?>\n'] : []
  writeNode(root as XmlNode, { parts, line: indent ? '\n' : '' })
  if (indent) parts.push('\n')
  return utf8(parts.join(''))
}

function writeNode(node: XmlNode, { parts, line }: { parts: string[]; line: string }): void {
  parts.push('<', node.name)
  for (const [name, value] of node.attributes) parts.push(' ', name, '="', escapeAttribute(value), '"')
  const children = flatten(node.children)
  if (children.length === 0) {
    parts.push('/>')
    return
  }
  parts.push('>')
  const inner = line !== '' && children.every((child) => typeof child !== 'string') ? `${line}  ` : ''
  for (const child of children) {
    if (typeof child === 'string') parts.push(escapeText(assertText(child)))
    else {
      parts.push(inner)
      writeNode(child, { parts, line: inner })
    }
  }
  parts.push(inner === '' ? '' : line, '</', node.name, '>')
}

function flatten(children: readonly XmlContent[]): (XmlNode | string)[] {
  const flat: (XmlNode | string)[] = []
  for (const child of children) {
    if (Array.isArray(child)) flat.push(...flatten(child as readonly XmlContent[]))
    else if (child !== undefined && child !== '') flat.push(child as XmlNode | string)
  }
  return flat
}

function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\r/g, '&#13;')
}

function escapeAttribute(text: string): string {
  return escapeText(text).replace(/"/g, '&quot;').replace(/\t/g, '&#9;').replace(/\n/g, '&#10;')
}

function assertName(name: string): void {
  if (!qualifiedName.test(name)) throw unwritable('a name')
}

function assertText(text: string): string {
  if (!isXmlText(text)) throw unwritable('a character')
  return text
}

function unwritable(what: string): Error {
  return formatsError('ERR_XML_UNWRITABLE', `The content cannot be written as XML: ${what} is not allowed there.`)
}
