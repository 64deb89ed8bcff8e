/** Explains changed pages: nothing but the widgets of new signature fields may be added to one. */
import { isArray, isDictionary, isName, isReference, type PdfValue, pdfReference, sameValue } from '../objects.ts'
import { findEdges } from './graph.ts'
import { changedKeys, type Ledger } from './ledger.ts'

/** Explains overridden page objects and overridden arrays of annotations. */
export async function explainPages(ledger: Ledger): Promise<void> {
  const { before, after, changed } = ledger.revision
  const arrays = new Map<number, true>()
  for (const [number, kind] of changed) {
    if (kind !== 'overridden') continue
    const reference = pdfReference(number)
    const [earlier, now] = [await before.resolve(reference), await after.resolve(reference)]
    if (isArray(earlier) && isArray(now)) arrays.set(number, true)
    if (!isDictionary(earlier) || !isDictionary(now) || !isName(earlier.entries.get('Type'), 'Page')) continue
    const keys = changedKeys(earlier, now)
    if (keys.some((key) => key !== 'Annots')) continue
    // What differs is only which widgets lie on the page, so it does not matter who refers to it.
    ledger.explain(reference, () => true)
    if (keys.length === 0) continue
    const written = now.entries.get('Annots')
    await compareAnnotations(ledger, {
      earlier: (await before.array(earlier.entries.get('Annots'))) ?? [],
      now: (await after.array(written)) ?? [],
    })
    if (ledger.isOverridden(written)) arrays.delete(written.number)
  }
  if (arrays.size > 0) await explainArrays(ledger, arrays)
}

/** An array that one page alone uses for its annotations. */
async function explainArrays(ledger: Ledger, arrays: ReadonlyMap<number, true>): Promise<void> {
  const { before, after } = ledger.revision
  const { edges } = await findEdges(before, arrays)
  for (const number of arrays.keys()) {
    if (ledger.isExplained(number)) continue
    const own = edges.filter((edge) => edge.target === number)
    const page = own.length === 1 && own[0]!.path === 'Annots' ? own[0]!.parent : undefined
    if (page === undefined) continue
    ledger.explain(pdfReference(number), (parent, path) => parent === page && path === 'Annots')
    await compareAnnotations(ledger, {
      earlier: (await before.array(pdfReference(number))) ?? [],
      now: (await after.array(pdfReference(number))) ?? [],
    })
  }
}

async function compareAnnotations(
  ledger: Ledger,
  { earlier, now }: { earlier: readonly PdfValue[]; now: readonly PdfValue[] },
): Promise<void> {
  let kept = 0
  for (const item of now) {
    if (kept < earlier.length && sameValue(item, earlier[kept])) {
      kept += 1
      continue
    }
    if (isReference(item) && ledger.newWidgets.has(item.number)) continue
    if (earlier.some((each) => sameValue(each, item)))
      ledger.forbid('Annotations of a page are put into another order.')
    else ledger.raise('annotations')
  }
  if (kept < earlier.length) ledger.forbid('Annotations of a page are removed.')
}
