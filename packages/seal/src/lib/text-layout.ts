/** Breaks and places the lines of a text item, the same way for PDF and OFD. */
import type { TextItem } from '../document/description.ts'

/** Distance of two base lines in em. */
const leading = 1.5

/** A line of text at its place. */
export interface TextLine {
  readonly text: string
  /** Left end in mm. */
  readonly x: number
  /** Base line in mm. */
  readonly y: number
  /** Width of each character in mm, letter spacing included. */
  readonly advances: readonly number[]
}

/** The lines of an item; `advance` gives the width of a character in em. */
export function layoutText(item: TextItem, advance: (character: string) => number): TextLine[] {
  const { size, letterSpacing = 0, align = 'left', maxWidth } = item
  const width = (character: string): number => advance(character) * size + letterSpacing
  return breakLines(item.text, width, maxWidth ?? Number.POSITIVE_INFINITY).map((text, index) => {
    const advances = [...text].map(width)
    // The space behind the last character is not part of what the eye sees as the line.
    const length = advances.reduce((sum, each) => sum + each, 0) - (advances.length > 0 ? letterSpacing : 0)
    const shift = align === 'left' ? 0 : align === 'center' ? length / 2 : length
    return { text, x: item.x - shift, y: item.y + index * leading * size, advances }
  })
}

/** A line may end after every Chinese character and at spaces; closing punctuation does not begin a line. */
const unbreakable = /[!-~\u00a0-\u024f]/
const noLineStart = /[，。、；：？！）》」』】”’,.;:?!)\]}]/

function breakLines(text: string, width: (character: string) => number, maxWidth: number): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    let used = 0
    for (const word of words(paragraph)) {
      const length = [...word].reduce((sum, character) => sum + width(character), 0)
      if (line !== '' && used + length > maxWidth) {
        lines.push(line.trimEnd())
        line = ''
        used = 0
        if (word === ' ') continue
      }
      line += word
      used += length
    }
    lines.push(line.trimEnd())
  }
  return lines
}

function words(paragraph: string): string[] {
  const result: string[] = []
  let previous = ''
  for (const character of paragraph) {
    const joins =
      result.length > 0 && (noLineStart.test(character) || (unbreakable.test(character) && unbreakable.test(previous)))
    if (joins) result[result.length - 1] += character
    else result.push(character)
    previous = character
  }
  return result
}
