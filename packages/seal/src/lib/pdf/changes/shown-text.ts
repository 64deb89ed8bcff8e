/** The text that a simple appearance stream draws, as far as its codes are those of Latin fonts. */
import type { PdfDocument } from '../document.ts'
import { isKeyword, type Keyword, Lexer } from '../lexer.ts'
import { isArray, isName, isString, type PdfStream, type PdfString, type PdfValue } from '../objects.ts'

const maxContentBytes = 1_048_576

/** The drawn text without regard to places; undefined when fonts or operators make it unclear what is seen. */
export async function shownText(document: PdfDocument, stream: PdfStream): Promise<string | undefined> {
  const data = await document.streamData(stream)
  if (data.length > maxContentBytes || !(await hasSimpleFonts(document, stream))) return undefined
  const lexer = new Lexer(data)
  const operands: (PdfValue | Keyword)[] = []
  let text = ''
  for (;;) {
    lexer.skip()
    if (lexer.peek() === undefined) return text
    // Quote operators are the only ones that the reader of objects does not take for words.
    const item = lexer.read()
    if (!isKeyword(item)) {
      operands.push(item)
      continue
    }
    if (item.word === 'Do' || item.word === 'BI' || item.word === 'sh') return undefined
    const last = operands.at(-1)
    if (item.word === 'Tj' || item.word === "'" || item.word === '"') {
      if (isString(last as PdfValue)) text += decode(last as PdfString)
    } else if (item.word === 'TJ' && isArray(last)) {
      for (const part of last) if (isString(part)) text += decode(part)
    }
    operands.length = 0
  }
}

async function hasSimpleFonts(document: PdfDocument, stream: PdfStream): Promise<boolean> {
  const resources = await document.dictionary(stream.dictionary.entries.get('Resources'))
  const fonts = await document.dictionary(resources?.entries.get('Font'))
  for (const value of fonts?.entries.values() ?? []) {
    const font = await document.dictionary(value)
    if (!font || isName(font.entries.get('Subtype'), 'Type0') || isName(font.entries.get('Subtype'), 'Type3'))
      return false
    const encoding = await document.dictionary(font.entries.get('Encoding'))
    const differences = await document.array(encoding?.entries.get('Differences'))
    if (differences && !keepsAscii(differences)) return false
  }
  return true
}

/** Differences above ASCII name the letters of Western Europe; below, they could make one letter look like another. */
function keepsAscii(differences: readonly PdfValue[]): boolean {
  const usual: Readonly<Record<number, string>> = { 39: 'quotesingle', 96: 'grave' }
  let code = 0
  for (const item of differences) {
    if (typeof item === 'number') code = item
    else {
      if (code > 31 && code < 127 && !isName(item, usual[code] ?? '')) return false
      code += 1
    }
  }
  return true
}

function decode(value: PdfString): string {
  return Array.from(value.bytes, (byte) => String.fromCharCode(byte)).join('')
}
