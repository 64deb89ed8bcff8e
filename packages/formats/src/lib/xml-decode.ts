/** Turns the bytes of an XML document into text, and places in the text back into byte offsets. */
import { utf8 } from '@zhicheng/core'
import { formatsError } from '../errors.ts'

/** Gives the byte offset of a place in the text; places are asked for in rising order. */
export interface OffsetCursor {
  advance(textIndex: number): number
}

/** Text of a document without its byte order mark. */
export function decodeXml(input: Uint8Array | string, maxBytes: number): { text: string; cursor: OffsetCursor } {
  const bytes = typeof input === 'string' ? utf8(input) : input
  if (bytes.length > maxBytes) {
    throw formatsError('ERR_XML_LIMIT', `The XML has ${bytes.length} bytes, more than the ${maxBytes} allowed.`)
  }
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const body = bytes.subarray(mark)
  const encoding = typeof input === 'string' ? 'utf-8' : declaredEncoding(body)
  const charset = /^utf-?8$|^us-ascii$/.test(encoding)
    ? 'utf-8'
    : /^gbk$|^gb2312$|^gb18030$/.test(encoding)
      ? 'gb18030'
      : ''
  if (charset === '' || (mark > 0 && charset !== 'utf-8')) {
    throw formatsError('ERR_XML_ENCODING', 'The XML declares an encoding other than UTF-8, GBK or GB18030.')
  }
  let text: string
  try {
    text = new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(body)
  } catch (cause) {
    throw formatsError('ERR_XML_ENCODING', `The bytes of the XML are not ${charset} text.`, { cause })
  }
  return { text, cursor: createCursor(text, { body, mark, width: charset === 'utf-8' ? utf8Width : gbWidth }) }
}

function declaredEncoding(body: Uint8Array): string {
  if (
    (body[0] === 0xfe && body[1] === 0xff) ||
    (body[0] === 0xff && body[1] === 0xfe) ||
    body[0] === 0 ||
    body[1] === 0
  ) {
    return 'utf-16'
  }
  const head = Array.from(body.subarray(0, 200), (byte) => String.fromCharCode(byte)).join('')
  return /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1]?.toLowerCase() ?? 'utf-8'
}

function createCursor(
  text: string,
  { body, mark, width }: { body: Uint8Array; mark: number; width: (body: Uint8Array, at: number) => number },
): OffsetCursor {
  let index = 0
  let at = 0
  return {
    advance(textIndex) {
      while (index < textIndex) {
        const unit = text.charCodeAt(index)
        at += unit < 0x80 ? 1 : width(body, at)
        index += unit >= 0xd800 && unit < 0xdc00 ? 2 : 1
      }
      return mark + at
    },
  }
}

function utf8Width(body: Uint8Array, at: number): number {
  const lead = body[at]!
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}

function gbWidth(body: Uint8Array, at: number): number {
  const lead = body[at]!
  if (lead <= 0x80) return 1
  const second = body[at + 1]!
  return second >= 0x30 && second <= 0x39 ? 4 : 2
}
