/** Builds the bytes of an incremental update: changed and new objects, cross-references of the kind the file has, a trailer (ISO 32000-2, 7.5.6). */
import { concatBytes } from '@zhicheng/core'
import { sealError } from '../../errors.ts'
import type { PdfDocument } from './document.ts'
import {
  isArray,
  isString,
  type PdfReference,
  type PdfValue,
  pdfDictionary,
  pdfReference,
  pdfStream,
  pdfString,
} from './objects.ts'
import { formatIndirectObject, formatPdfValue, latin1, type WrittenValue } from './writer.ts'

/** Largest offset a cross-reference table can hold. */
const maxOffset = 9_999_999_999

/** Collects the objects of an update and writes them. */
export interface Update {
  /** A number that no object of the file ever had. */
  allocate(): PdfReference
  /** Sets an object, new or overridden. */
  set(reference: PdfReference, value: PdfValue | WrittenValue): void
  /** The bytes to append, and where each object begins, counted in the whole file. */
  finish(): { bytes: Uint8Array; offsets: ReadonlyMap<number, number> }
}

/** Begins an update of a document. `identifier` becomes the second half of the file's ID: 16 bytes that differ each time. */
export async function beginUpdate(document: PdfDocument, identifier: Uint8Array): Promise<Update> {
  let next = await firstUnusedNumber(document)
  const objects = new Map<number, { generation: number; value: PdfValue | WrittenValue }>()
  const { file, sections, trailer } = document
  const lastByte = (await file.read(file.size - 1, 1))[0]

  function finish(): { bytes: Uint8Array; offsets: ReadonlyMap<number, number> } {
    const chunks: Uint8Array[] = []
    let position = file.size
    const write = (bytes: Uint8Array): void => {
      chunks.push(bytes)
      position += bytes.length
    }
    if (lastByte !== 10 && lastByte !== 13) write(latin1('\n'))
    const offsets = new Map<number, number>()
    const numbers = [...objects.keys()].sort((left, right) => left - right)
    for (const number of numbers) {
      const { generation, value } = objects.get(number)!
      offsets.set(number, position)
      write(formatIndirectObject(number, generation, value))
    }
    if (position > maxOffset) throw sealError('ERR_SEAL_PDF_LIMIT', 'The PDF is too long for another signature.')
    const start = position
    const section = sections[0]!
    const entries: Record<string, PdfValue | undefined> = {
      Size: next,
      Prev: section.offset,
      Root: trailer.entries.get('Root'),
      Info: trailer.entries.get('Info'),
      ID: nextIdentifier(trailer.entries.get('ID'), identifier),
    }
    const rows = numbers.map((number) => ({
      number,
      offset: offsets.get(number)!,
      generation: objects.get(number)!.generation,
    }))
    if (section.kind === 'table') {
      write(latin1(`${formatTable(rows)}trailer\n${formatPdfValue(pdfDictionary(entries))}\n`))
    } else {
      rows.push({ number: next, offset: start, generation: 0 })
      write(formatStream(next, rows, { ...entries, Size: next + 1 }))
    }
    write(latin1(`startxref\n${start}\n%%EOF\n`))
    return { bytes: concatBytes(...chunks), offsets }
  }

  return {
    allocate() {
      next += 1
      return pdfReference(next - 1)
    },
    set(reference, value) {
      objects.set(reference.number, { generation: reference.generation, value })
    },
    finish,
  }
}

/** Size lies in some files, so every section's ranges count as well. */
async function firstUnusedNumber({ sections }: PdfDocument): Promise<number> {
  let next = 1
  for (const section of sections.flatMap((each) => (each.hybrid ? [each, each.hybrid] : [each]))) {
    const size = section.trailer.entries.get('Size')
    if (typeof size === 'number' && Number.isInteger(size)) next = Math.max(next, size)
    for (const [first, count] of section.ranges) next = Math.max(next, first + count)
  }
  return next
}

function nextIdentifier(current: PdfValue | undefined, identifier: Uint8Array): PdfValue {
  const first =
    isArray(current) && isString(current[0]) ? pdfString(current[0].bytes, true) : pdfString(identifier, true)
  return [first, pdfString(identifier, true)]
}

interface Row {
  number: number
  offset: number
  generation: number
}

function groups(rows: readonly Row[]): Row[][] {
  const result: Row[][] = []
  for (const row of rows) {
    const last = result.at(-1)
    if (last && last.at(-1)!.number + 1 === row.number) last.push(row)
    else result.push([row])
  }
  return result
}

function formatTable(rows: readonly Row[]): string {
  let text = 'xref\n'
  for (const group of groups(rows)) {
    text += `${group[0]!.number} ${group.length}\n`
    for (const { offset, generation } of group) {
      text += `${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} n \n`
    }
  }
  return text
}

function formatStream(number: number, rows: readonly Row[], trailer: Record<string, PdfValue | undefined>): Uint8Array {
  const data = new Uint8Array(rows.length * 8)
  for (const [index, { offset, generation }] of rows.entries()) {
    const at = index * 8
    data[at] = 1
    let rest = offset
    for (let byte = 5; byte >= 1; byte -= 1) {
      data[at + byte] = rest % 256
      rest = Math.floor(rest / 256)
    }
    data[at + 6] = generation >> 8
    data[at + 7] = generation & 0xff
  }
  const stream = pdfStream(
    {
      Type: { kind: 'name', name: 'XRef' },
      ...trailer,
      W: [1, 5, 2],
      Index: groups(rows).flatMap((group) => [group[0]!.number, group.length]),
    },
    data,
  )
  return formatIndirectObject(number, 0, stream)
}
