/** Finds a page without trusting the counts of the page tree (ISO 32000-2, 7.7.3). */
import { sealError } from '../../errors.ts'
import type { PdfDocument } from './document.ts'
import { isReference, type PdfDictionary, type PdfReference, type PdfValue } from './objects.ts'

const maxTreeDepth = 64

/** The page of a number counted from 1; throws `ERR_SEAL_PAGE_NOT_FOUND`. */
export async function findPage(
  document: PdfDocument,
  number: number,
): Promise<{ reference: PdfReference; dictionary: PdfDictionary }> {
  let seen = 0
  const visited = new Set<number>()
  async function search(
    value: PdfValue | undefined,
    depth: number,
  ): Promise<{ reference: PdfReference | undefined; dictionary: PdfDictionary } | undefined> {
    const reference = isReference(value) ? value : undefined
    if (reference) {
      if (visited.has(reference.number))
        throw sealError('ERR_SEAL_PDF_MALFORMED', 'The page tree of the PDF runs in a circle.')
      visited.add(reference.number)
    }
    if (depth > maxTreeDepth) throw sealError('ERR_SEAL_PDF_LIMIT', 'The page tree of the PDF is nested too deeply.')
    const dictionary = await document.dictionary(value)
    if (!dictionary) return undefined
    const kids = await document.array(dictionary.entries.get('Kids'))
    if (!kids) {
      seen += 1
      return seen === number ? { reference, dictionary } : undefined
    }
    for (const kid of kids) {
      const found = await search(kid, depth + 1)
      if (found) return found
    }
    return undefined
  }
  const catalog = await document.catalog()
  const found = await search(catalog.entries.get('Pages'), 0)
  if (!found) {
    throw sealError('ERR_SEAL_PAGE_NOT_FOUND', `The PDF has no page ${number}: it has ${seen}.`, {
      facts: { pages: seen },
    })
  }
  if (!found.reference) {
    throw sealError(
      'ERR_SEAL_PDF_UNSUPPORTED',
      `Page ${number} is not an object of its own, so no field can be put on it.`,
    )
  }
  return { reference: found.reference, dictionary: found.dictionary }
}
