/** Reads XML 1.0 with namespaces and without DTD: bounded, strict, and with the byte offset of every element. */
import { formatsError } from './errors.ts'
import { decodeXml, type OffsetCursor } from './lib/xml-decode.ts'
import { assertXmlText, qualifiedName, readReference } from './lib/xml-lexis.ts'

/** Limits of {@link parseXml}. */
export interface XmlLimits {
  /** Length of the document in bytes; 64 MiB by default. */
  maxBytes?: number
  /** Nesting of elements; 200 by default. */
  maxDepth?: number
  /** Elements, texts and attributes together; 2,000,000 by default. */
  maxNodes?: number
}

/** An element of a document. */
export interface XmlElement {
  /** As written, with prefix. */
  readonly name: string
  readonly prefix: string
  readonly localName: string
  /** The namespace URI, empty for none. */
  readonly namespace: string
  /** Values by name as written, namespace declarations included. */
  readonly attributes: ReadonlyMap<string, string>
  /** Elements and texts in order; comments and processing instructions are left out. */
  readonly children: readonly (XmlElement | string)[]
  /** Offset of the element's first byte in the document. */
  readonly start: number
  /** Offset behind the element's last byte. */
  readonly end: number
}

interface OpenElement {
  name: string
  prefix: string
  localName: string
  namespace: string
  attributes: Map<string, string>
  children: (XmlElement | string)[]
  start: number
  end: number
  scope: ReadonlyMap<string, string>
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const space = /[ \t\r\n]*/y
const attributeStart = /([^\s=<>/"'&]+)[ \t\r\n]*=[ \t\r\n]*(["'])/y

/**
 * The root element of a document in UTF-8 or a declared GBK or GB18030. Throws `ERR_XML_DOCTYPE` at any DTD (so there are
 * no external or defined entities), `ERR_XML_LIMIT`, `ERR_XML_ENCODING`, and `ERR_XML_MALFORMED` with the offset.
 *
 * @example
 * ```ts
 * const root = parseXml(await archive.read('OFD.xml'))
 * const bodies = childElements(root, 'DocBody')
 * ```
 */
export function parseXml(input: Uint8Array | string, limits: XmlLimits = {}): XmlElement {
  const { maxBytes = 67_108_864, maxDepth = 200, maxNodes = 2_000_000 } = limits
  const { text, cursor } = decodeXml(input, maxBytes)
  return new XmlParser(text, cursor, { maxDepth, maxNodes }).parse()
}

class XmlParser {
  readonly #text: string
  readonly #cursor: OffsetCursor
  readonly #maxDepth: number
  readonly #maxNodes: number
  readonly #open: OpenElement[] = []
  #root: XmlElement | undefined
  #nodes = 0
  #at = 0

  constructor(text: string, cursor: OffsetCursor, { maxDepth, maxNodes }: { maxDepth: number; maxNodes: number }) {
    this.#text = text
    this.#cursor = cursor
    this.#maxDepth = maxDepth
    this.#maxNodes = maxNodes
  }

  parse(): XmlElement {
    assertXmlText(this.#text)
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at)
      const end = next === -1 ? this.#text.length : next
      if (end > this.#at) this.#readText(this.#text.slice(this.#at, end))
      this.#at = end
      if (next !== -1) this.#readMarkup()
    }
    if (this.#open.length > 0) throw this.#malformed(`the element ${this.#open.at(-1)?.name} is not closed`)
    if (!this.#root) throw this.#malformed('there is no element')
    return this.#root
  }

  #readText(raw: string): void {
    if (raw.includes(']]>')) throw this.#malformed('"]]>" stands in text')
    const text = readReference(raw.replace(/\r\n?/g, '\n'))
    if (text === undefined) throw this.#malformed('a reference is none of the five known, or names no character')
    this.#addText(text)
  }

  #addText(text: string): void {
    const parent = this.#open.at(-1)
    if (parent === undefined) {
      if (/[^ \t\r\n]/.test(text)) throw this.#malformed('text stands outside the root element')
      return
    }
    const last = parent.children.length - 1
    if (typeof parent.children[last] === 'string') parent.children[last] += text
    else parent.children.push(text)
    this.#count(1)
  }

  #readMarkup(): void {
    const text = this.#text
    if (text.startsWith('<!--', this.#at)) {
      const end = text.indexOf('--', this.#at + 4)
      if (end === -1 || text[end + 2] !== '>') throw this.#malformed('a comment is not closed, or holds "--"')
      this.#at = end + 3
    } else if (text.startsWith('<![CDATA[', this.#at) && this.#open.length > 0) {
      const end = text.indexOf(']]>', this.#at)
      if (end === -1) throw this.#malformed('a CDATA section is not closed')
      this.#addText(text.slice(this.#at + 9, end).replace(/\r\n?/g, '\n'))
      this.#at = end + 3
    } else if (text.startsWith('<!', this.#at)) {
      if (!/^<!doctype/i.test(text.slice(this.#at, this.#at + 9))) throw this.#malformed('a declaration is unknown')
      throw formatsError('ERR_XML_DOCTYPE', 'The XML has a DOCTYPE, which is never read: remove it.')
    } else if (text.startsWith('<?', this.#at)) {
      this.#readInstruction()
    } else if (text.startsWith('</', this.#at)) {
      this.#closeElement()
    } else {
      this.#openElement()
    }
  }

  #readInstruction(): void {
    const end = this.#text.indexOf('?>', this.#at)
    const target = /^<\?([^\s?]+)/.exec(this.#text.slice(this.#at, this.#at + 100))?.[1]
    if (end === -1 || target === undefined) throw this.#malformed('a processing instruction is not closed')
    if (target.toLowerCase() === 'xml' && this.#at !== 0)
      throw this.#malformed('the XML declaration is not at the start')
    this.#at = end + 2
  }

  #closeElement(): void {
    const end = this.#text.indexOf('>', this.#at)
    const name = end === -1 ? undefined : this.#text.slice(this.#at + 2, end).replace(/[ \t\r\n]+$/, '')
    if (this.#open.at(-1)?.name !== name) throw this.#malformed(`an end tag does not close the open element`)
    this.#at = end + 1
    this.#finishElement()
  }

  #finishElement(): void {
    const element = this.#open.pop()!
    element.end = this.#cursor.advance(this.#at)
    const { scope: _, ...finished } = element
    const parent = this.#open.at(-1)
    if (parent) parent.children.push(finished)
    else this.#root = finished
  }

  #openElement(): void {
    if (this.#root) throw this.#malformed('there is a second root element')
    if (this.#open.length >= this.#maxDepth) throw this.#limit(`is nested deeper than ${this.#maxDepth} elements`)
    const start = this.#cursor.advance(this.#at)
    const written = /[^ \t\r\n/>]*/y
    written.lastIndex = this.#at + 1
    const name = written.exec(this.#text)![0]
    this.#at = written.lastIndex
    const attributes = this.#readAttributes()
    const scope = this.#declare(attributes)
    const { prefix, localName } = this.#split(name)
    this.#checkAttributes(attributes, scope)
    const namespace = this.#resolve(prefix, scope)
    this.#count(1)
    this.#open.push({ name, prefix, localName, namespace, attributes, children: [], start, end: start, scope })
    if (this.#text.startsWith('/>', this.#at)) {
      this.#at += 2
      this.#finishElement()
    } else if (this.#text[this.#at] === '>') {
      this.#at += 1
    } else {
      throw this.#malformed('a start tag is malformed')
    }
  }

  #readAttributes(): Map<string, string> {
    const attributes = new Map<string, string>()
    for (;;) {
      space.lastIndex = this.#at
      const gap = space.exec(this.#text)![0].length
      const character = this.#text[this.#at + gap]
      if (character === '>' || character === '/' || character === undefined) {
        this.#at += gap
        return attributes
      }
      attributeStart.lastIndex = this.#at + gap
      const match = attributeStart.exec(this.#text)
      if (gap === 0 || !match) throw this.#malformed('a start tag is malformed')
      const end = this.#text.indexOf(match[2]!, attributeStart.lastIndex)
      const raw = end === -1 ? '<' : this.#text.slice(attributeStart.lastIndex, end)
      const value = raw.includes('<') ? undefined : readReference(raw.replace(/\r\n|[\t\r\n]/g, ' '))
      if (value === undefined) throw this.#malformed('an attribute value is not closed, or holds what it may not')
      if (attributes.has(match[1]!)) throw this.#malformed('an attribute stands twice')
      attributes.set(match[1]!, value)
      this.#count(1)
      this.#at = end + 1
    }
  }

  #declare(attributes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const outer = this.#open.at(-1)?.scope ?? new Map([['xml', xmlNamespace]])
    let scope: Map<string, string> | undefined
    for (const [name, value] of attributes) {
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue
      const prefix = name.slice(6)
      const wrong =
        prefix === 'xmlns' || (prefix !== '' && value === '') || (prefix === 'xml') !== (value === xmlNamespace)
      if (wrong) throw this.#malformed('a namespace declaration is not allowed')
      scope ??= new Map(outer)
      scope.set(prefix, value)
    }
    return scope ?? outer
  }

  /** Names must be well formed, prefixes declared, and no two attributes the same after resolving their prefixes. */
  #checkAttributes(attributes: ReadonlyMap<string, string>, scope: ReadonlyMap<string, string>): void {
    const resolved = new Set<string>()
    for (const name of attributes.keys()) {
      const { prefix, localName } = this.#split(name)
      if (prefix === '' || prefix === 'xmlns') continue
      const full = `${this.#resolve(prefix, scope)} ${localName}`
      if (resolved.has(full)) throw this.#malformed('an attribute stands twice')
      resolved.add(full)
    }
  }

  #split(name: string): { prefix: string; localName: string } {
    const match = qualifiedName.exec(name)
    if (!match) throw this.#malformed('a name is malformed')
    return { prefix: match[1] ?? '', localName: match[2]! }
  }

  #resolve(prefix: string, scope: ReadonlyMap<string, string>): string {
    const namespace = scope.get(prefix)
    if (namespace === undefined && prefix !== '') throw this.#malformed('a namespace prefix is not declared')
    return namespace ?? ''
  }

  #count(nodes: number): void {
    this.#nodes += nodes
    if (this.#nodes > this.#maxNodes) throw this.#limit(`has more than ${this.#maxNodes} nodes`)
  }

  #limit(what: string): Error {
    return formatsError('ERR_XML_LIMIT', `The XML ${what}.`)
  }

  #malformed(what: string): Error {
    const offset = this.#cursor.advance(Math.min(this.#at, this.#text.length))
    return formatsError('ERR_XML_MALFORMED', `The XML is malformed: ${what} (near byte ${offset}).`, {
      facts: { offset },
    })
  }
}
