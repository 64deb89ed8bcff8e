/** The text that a simple appearance stream draws, as far as it is clear what is seen; everything else counts as unclear. */
import type { PdfDocument } from '../document.ts'
import { isKeyword, type Keyword, Lexer } from '../lexer.ts'
import { isArray, isName, isString, type PdfStream, type PdfString, type PdfValue } from '../objects.ts'
import { readPlainFonts } from './fonts.ts'
import type { Ledger } from './ledger.ts'

const maxContentBytes = 1_048_576

/** Operators that draw what is no text, change how text is seen, or could do either. */
const unclear = new Set(['Do', 'BI', 'sh', 'gs', 'cm', 'm', 'l', 'c', 'v', 'y', 'Tz'])
const fills = new Set(['f', 'F', 'f*', 'B', 'B*', 'b', 'b*'])

/** The drawn text without regard to places; undefined when fonts or operators make it unclear what is seen. */
export async function shownText(ledger: Ledger, stream: PdfStream): Promise<string | undefined> {
  const document = ledger.revision.after
  const data = await document.streamData(stream)
  const fonts = await readPlainFonts(ledger, stream)
  if (data.length > maxContentBytes || !fonts) return undefined
  const box = await sizeOf(document, stream)
  const lexer = new Lexer(data)
  const operands: (PdfValue | Keyword)[] = []
  let font = false
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
    const { word } = item
    const drawn = drawnBy(word, operands.at(-1) as PdfValue)
    if (word === 'Tf') {
      const [name, size] = operands.slice(-2) as PdfValue[]
      font = isName(name) && fonts.has(name.name) && typeof size === 'number' && size > 0
    }
    if (unclear.has(word) || (drawn !== '' && !font) || (fills.has(word) && text !== '')) return undefined
    if (word === 'Tr' && operands.at(-1) !== 0) return undefined
    if (word === 'BDC' && isName(operands[0] as PdfValue, 'OC')) return undefined
    if (word === 're' && !isBackground(operands.slice(-2), box)) return undefined
    text += drawn
    operands.length = 0
  }
}

function drawnBy(word: string, operand: PdfValue | undefined): string {
  if (word === 'Tj' || word === "'" || word === '"') return isString(operand) ? decode(operand) : ''
  if (word !== 'TJ' || !isArray(operand)) return ''
  return operand.map((part) => (isString(part) ? decode(part) : '')).join('')
}

/** Small rectangles could be strokes of letters, and as a clipping path they could leave a part of the text. */
function isBackground(size: readonly unknown[], box: readonly [number, number] | undefined): boolean {
  return box !== undefined && size.every((side, axis) => typeof side === 'number' && Math.abs(side) >= box[axis]! / 2)
}

async function sizeOf(document: PdfDocument, stream: PdfStream): Promise<[number, number] | undefined> {
  const box = await document.array(stream.dictionary.entries.get('BBox'))
  if (box?.length !== 4 || !box.every((item) => typeof item === 'number')) return undefined
  const [x1, y1, x2, y2] = box as [number, number, number, number]
  return [Math.abs(x2 - x1), Math.abs(y2 - y1)]
}

function decode(value: PdfString): string {
  return Array.from(value.bytes, (byte) => String.fromCharCode(byte)).join('')
}
