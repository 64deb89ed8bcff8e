/** Changes XML without writing it anew: bytes are put in at places the parser found, everything else stays as it lies. */
import { concatBytes, utf8 } from '@zhicheng/core'
import { formatXml, type XmlContent, type XmlElement } from '@zhicheng/formats'

/** One change: the bytes from `start` to `end` give way to `content`. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly content: Uint8Array
}

/** The bytes with all changes made; they must not overlap. */
export function splice(bytes: Uint8Array, changes: readonly Splice[]): Uint8Array {
  const parts: Uint8Array[] = []
  let at = 0
  for (const { start, end, content } of [...changes].sort((left, right) => left.start - right.start)) {
    parts.push(bytes.subarray(at, start), content)
    at = end
  }
  return concatBytes(...parts, bytes.subarray(at))
}

/** The change that puts elements behind the last child of an element, closed by one tag or by two. */
export function appendTo(bytes: Uint8Array, element: XmlElement, children: readonly XmlContent[]): Splice {
  const content = concatBytes(...children.map((child) => formatXml(child, { declaration: false })))
  if (bytes[element.end - 2] === slash) {
    const close = utf8(`></${element.name}>`)
    return {
      start: element.end - 2,
      end: element.end,
      content: concatBytes(close.subarray(0, 1), content, close.subarray(1)),
    }
  }
  // '<' is no second byte in UTF-8 nor in GB 18030, so the last one inside the element opens its end tag.
  const start = bytes.lastIndexOf(less, element.end - 1)
  return { start, end: start, content }
}

/** The change that replaces the text of an element that has no elements inside. */
export function replaceText(bytes: Uint8Array, element: XmlElement, text: string): Splice {
  if (bytes[element.end - 2] === slash) {
    return { start: element.end - 2, end: element.end, content: utf8(`>${text}</${element.name}>`) }
  }
  const end = bytes.lastIndexOf(less, element.end - 1)
  return { start: bytes.indexOf(greater, element.start) + 1, end, content: utf8(text) }
}

const slash = 0x2f
const less = 0x3c
const greater = 0x3e
