/** Checks a document description before anything is made of it, and lists the characters each font has to show. */
import { sealError } from '../errors.ts'
import type { DocumentDescription, PageItem } from './description.ts'

/** Largest side of a page in mm: the 14,400 units that PDF 1.7 readers take (ISO 32000-1, annex C). */
const maxSide = 5080
const maxPages = 10_000
const maxItems = 200_000

/** Throws `ERR_SEAL_DOCUMENT_INVALID` that says what is wrong and where. */
export function validateDescription(description: DocumentDescription): void {
  const { pages, createdAt } = description
  if (Number.isNaN(createdAt.getTime())) throw invalid('createdAt is not a date')
  if (pages.length === 0 || pages.length > maxPages)
    throw invalid(`it has ${pages.length} pages; 1 to ${maxPages} are allowed`)
  for (const [index, page] of pages.entries()) {
    const where = `page ${index + 1}`
    for (const side of [page.width, page.height]) {
      if (!(side > 0 && side <= maxSide)) throw invalid(`${where} has a side that is not between 0 and ${maxSide} mm`)
    }
    if (page.items.length > maxItems) throw invalid(`${where} has more than ${maxItems} items`)
    for (const item of page.items) validateItem(item, { description, where })
  }
}

function validateItem(
  item: PageItem,
  { description, where }: { description: DocumentDescription; where: string },
): void {
  for (const [key, value] of Object.entries(item)) {
    if (typeof value === 'number' && !Number.isFinite(value))
      throw invalid(`${where} has a ${item.kind} whose ${key} is not a number`)
  }
  if (item.kind === 'text') {
    if (!(item.size > 0)) throw invalid(`${where} has a text whose size is not above 0`)
    if (!Object.hasOwn(description.fonts, item.font)) {
      throw invalid(`${where} uses the font "${item.font}", which is not among fonts`)
    }
  }
  if (item.kind === 'path' && !/^[\sMmLlHhVvCcSsQqTtAaZz0-9eE.,+-]*$/.test(item.d)) {
    throw invalid(`${where} has a path with a character that SVG paths do not have`)
  }
}

/** The characters that each used font has to show, in the order the fonts first occur. */
export function usedCharacters(description: DocumentDescription): Map<string, string> {
  const used = new Map<string, Set<string>>()
  for (const item of description.pages.flatMap((page) => page.items)) {
    if (item.kind !== 'text') continue
    let characters = used.get(item.font)
    if (!characters) {
      characters = new Set()
      used.set(item.font, characters)
    }
    for (const character of item.text) if (character !== '\n') characters.add(character)
  }
  return new Map([...used].map(([name, characters]) => [name, [...characters].sort().join('')]))
}

function invalid(message: string): Error {
  return sealError('ERR_SEAL_DOCUMENT_INVALID', `The document cannot be made: ${message}.`)
}
