/** Explains a later revision: what is not on the list of harmless changes counts as a change of the document. */
import { isZhichengError } from '@zhicheng/core'
import type { PdfDocument } from '../document.ts'
import { isArray, isDictionary, isName, isReference, isStream, type PdfValue, sameValue } from '../objects.ts'
import type { Revision } from '../revisions.ts'
import { explainEvidence, explainExtensions, explainInfo, explainMetadata, explainVersion } from './evidence.ts'
import { explainForm } from './form.ts'
import { findEdges } from './graph.ts'
import { changedKeys, Ledger } from './ledger.ts'
import { explainPages } from './pages.ts'

/** Keys of the catalog that have rules of their own. */
const catalogKeys = new Set(['AcroForm', 'DSS', 'Extensions', 'Metadata', 'Version', 'Pages'])

/** Compares a revision with the one before it. Never throws for what the file contains. */
export async function explainRevision(revision: Revision): Promise<Ledger> {
  const ledger = new Ledger(revision)
  try {
    await explainAll(ledger)
  } catch (error) {
    if (!isZhichengError(error)) throw error
    ledger.forbid(`A later revision cannot be compared with the one before: ${error.message}`)
  }
  return ledger
}

async function explainAll(ledger: Ledger): Promise<void> {
  const { before, after, changed, carriers } = ledger.revision
  explainTrailer(ledger)
  for (const number of carriers) {
    if (changed.get(number) !== 'new') ledger.forbid(`Object ${number} becomes a container of other objects.`)
  }
  const root = after.trailer.entries.get('Root')
  ledger.explain(root, (parent, path) => parent === 0 && path === 'Root')
  const [oldCatalog, newCatalog] = [await before.catalog(), await after.catalog()]
  for (const key of changedKeys(oldCatalog, newCatalog)) {
    if (!catalogKeys.has(key) || key === 'Pages') ledger.forbid(`The catalog's ${key} is changed.`)
  }
  const catalogs = { oldCatalog, newCatalog, root: isReference(root) ? root.number : 0 }
  await explainForm(ledger, catalogs)
  await explainPages(ledger)
  await explainEvidence(ledger, catalogs)
  await explainExtensions(ledger, catalogs)
  await explainMetadata(ledger, catalogs)
  explainVersion(ledger, catalogs)
  await explainInfo(ledger)
  await settle(ledger)
}

/**
 * The trailer decides which catalog counts and how the file is encrypted. Its other entries show nothing; what they
 * refer to is held against the changed objects later.
 */
function explainTrailer(ledger: Ledger): void {
  const { before, after } = ledger.revision
  const hybrid = after.sections[0]!.hybrid?.trailer
  for (const trailer of hybrid ? [after.trailer, hybrid] : [after.trailer]) {
    if (trailer.duplicateKeys.length > 0) ledger.forbid('The trailer has a key twice.')
    for (const key of ['Root', 'Encrypt']) {
      const value = trailer.entries.get(key)
      // The stream of a hybrid file is no trailer: it may leave out what the trailer says, but not say something else.
      if (trailer === hybrid && value === undefined) continue
      if (!sameValue(before.trailer.entries.get(key), value)) ledger.forbid(`The trailer's ${key} is changed.`)
    }
  }
}

/** Every changed object must be explained, and be reached only where its explanation holds. */
async function settle(ledger: Ledger): Promise<void> {
  const { before, after, changed, carriers } = ledger.revision
  if (ledger.retired.size > 0) {
    for (const { parent, path, target } of (await findEdges(before, ledger.retired)).edges) {
      if (!ledger.retired.get(target)!(parent, path)) {
        ledger.forbid(
          `Object ${target} is replaced in a field, but ${parent === 0 ? 'the trailer' : `object ${parent}`} uses it as ${path}.`,
        )
      }
    }
  }
  const { edges, reached } = await findEdges(after, changed)
  for (const [number, kind] of changed) {
    if (carriers.has(number)) {
      if (reached.has(number))
        ledger.forbid(`Object ${number} is a container of objects, but the document refers to it.`)
      continue
    }
    const reference = { kind: 'reference', number, generation: await generationOf(after, number) } as const
    const now = await after.resolve(reference)
    const twice = duplicateKey(now)
    if (twice !== undefined) ledger.forbid(`Object ${number} has the key ${twice} twice.`)
    if (kind === 'new') {
      if (!reached.has(number) && !isIdle(now)) ledger.forbid(`Object ${number} is added, but nothing refers to it.`)
    } else if (!ledger.isExplained(number) && !(await isRewritten(before, after, { reference, now }))) {
      ledger.forbid(`Object ${number} is changed.`)
    }
  }
  for (const { parent, path, target } of edges) {
    const kind = changed.get(target)!
    const known = parent === 0 ? path === 'Info' : changed.has(parent)
    if (kind === 'new' && !known) {
      ledger.forbid(
        `Object ${target} is added where the signed document already pointed to (from ${parent === 0 ? `the trailer's ${path}` : `object ${parent}`}).`,
      )
    }
    if (kind === 'overridden' && ledger.isExplained(target) && !ledger.allowsEdge(target, parent, path)) {
      ledger.forbid(`Object ${target} is changed for one purpose, but object ${parent} uses it as ${path}.`)
    }
  }
}

/** A left-over that could not be shown even by a reader that collects loose objects. */
function isIdle(value: PdfValue): boolean {
  if (isStream(value)) return false
  if (!isDictionary(value)) return true
  const type = value.entries.get('Type')
  return !value.entries.has('Subtype') && (type === undefined || isName(type, 'VRI') || isName(type, 'DSS'))
}

async function generationOf(document: PdfDocument, number: number): Promise<number> {
  const entry = await document.entry(number)
  return entry?.type === 'plain' ? entry.generation : 0
}

/** True if the object was only written again, the same to the last byte of its stream. */
async function isRewritten(
  before: PdfDocument,
  after: PdfDocument,
  { reference, now }: { reference: { kind: 'reference'; number: number; generation: number }; now: PdfValue },
): Promise<boolean> {
  const earlier = await before.resolve(reference)
  if (!sameValue(earlier, now)) return false
  if (!isStream(earlier) || !isStream(now)) return true
  if (earlier.length !== now.length) return false
  const [left, right] = [await before.rawStream(earlier), await after.rawStream(now)]
  return left.every((byte, index) => byte === right[index])
}

function duplicateKey(value: PdfValue): string | undefined {
  if (isArray(value)) {
    for (const item of value) {
      const found = duplicateKey(item)
      if (found !== undefined) return found
    }
    return undefined
  }
  const dictionary = isStream(value) ? value.dictionary : isDictionary(value) ? value : undefined
  if (!dictionary) return undefined
  if (dictionary.duplicateKeys.length > 0) return dictionary.duplicateKeys[0]
  return duplicateKey([...dictionary.entries.values()])
}
