/** Walks everything that can be reached from the trailer, and reports each reference that leads to a changed object. */
import { sealError } from '../../../errors.ts'
import type { PdfDocument } from '../document.ts'
import { isArray, isReference, type PdfValue } from '../objects.ts'

const maxObjects = 1_000_000

/** A reference: from which object (0 is the trailer), under which keys, to which number. */
export interface Edge {
  readonly parent: number
  readonly path: string
  readonly target: number
}

/** The references to the wanted objects, and the numbers of all objects reached. */
export async function findEdges(
  document: PdfDocument,
  wanted: ReadonlyMap<number, unknown>,
): Promise<{ edges: Edge[]; reached: ReadonlySet<number> }> {
  const edges: Edge[] = []
  const reached = new Set<number>()
  // A reference with a wrong generation leads to nothing, and must not hide the one that leads to the object.
  const visited = new Set<string>()
  const queue: { number: number; value: PdfValue }[] = []
  const trailer = new Map(document.trailer.entries)
  for (const key of trailerKeysOfReaders) trailer.delete(key)
  queue.push({ number: 0, value: { kind: 'dictionary', entries: trailer, duplicateKeys: [] } })
  for (let item = queue.pop(); item; item = queue.pop()) {
    const parent = item.number
    const found: { path: string; value: PdfValue }[] = []
    collect(item.value, '', found)
    for (const { path, value } of found) {
      if (!isReference(value)) continue
      if (wanted.has(value.number)) edges.push({ parent, path, target: value.number })
      const key = `${value.number} ${value.generation}`
      if (visited.has(key)) continue
      visited.add(key)
      reached.add(value.number)
      if (visited.size > maxObjects) {
        throw sealError('ERR_SEAL_PDF_LIMIT', `The PDF has more than ${maxObjects} objects to compare.`)
      }
      queue.push({ number: value.number, value: await document.resolve(value) })
    }
  }
  return { edges, reached }
}

/** Keys of a cross-reference stream that stand in the trailer but say nothing about the document. */
const trailerKeysOfReaders: readonly string[] = [
  'Size',
  'Prev',
  'XRefStm',
  'Type',
  'W',
  'Index',
  'Length',
  'Filter',
  'DecodeParms',
]

/** The references of one object with the keys that lead to them; array places are written as `[]`. Nesting is bounded by the parser. */
function collect(value: PdfValue, path: string, found: { path: string; value: PdfValue }[]): void {
  if (typeof value !== 'object' || value === null) return
  if (isArray(value)) for (const item of value) collect(item, `${path}[]`, found)
  else if (value.kind === 'reference') found.push({ path, value })
  else if (value.kind === 'dictionary' || value.kind === 'stream') {
    const { entries } = value.kind === 'stream' ? value.dictionary : value
    for (const [key, item] of entries) collect(item, path === '' ? key : `${path}/${key}`, found)
  }
}
