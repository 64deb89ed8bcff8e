/** The revisions that follow a signed one, with every byte of theirs accounted for (ISO 32000-2, 7.5.6). */
import { sealError } from '../../errors.ts'
import { openPdf, type PdfDocument } from './document.ts'
import { isName, isStream } from './objects.ts'
import type { XrefEntry, XrefSection } from './xref.ts'

/** A later revision: the document before and after it, and the objects it lists. */
export interface Revision {
  readonly before: PdfDocument
  readonly after: PdfDocument
  readonly changed: ReadonlyMap<number, 'new' | 'overridden'>
  /** New objects that only carry others: object streams and cross-reference streams. */
  readonly carriers: ReadonlySet<number>
}

const maxListedObjects = 200_000
const maxLaterRevisions = 300

function unaccounted(message: string): Error {
  return sealError('ERR_SEAL_CHANGES_UNEXPLAINED', message)
}

/**
 * Splits what follows `end` into revisions. Throws `ERR_SEAL_CHANGES_UNEXPLAINED` when bytes are in no listed object,
 * when cross-references point back into the signed part, free an object or go around the signed revision.
 */
export async function readLaterRevisions(document: PdfDocument, end: number): Promise<Revision[]> {
  const { file, sections } = document
  let before = await openPdf(file.truncate(end))
  const signedIndex = sections.findIndex((section) => section.offset === before.sections[0]!.offset)
  if (signedIndex < 0) throw unaccounted('The cross-references of the file go around the signed revision.')
  if (signedIndex > maxLaterRevisions) {
    throw sealError('ERR_SEAL_PDF_LIMIT', `More than ${maxLaterRevisions} revisions follow the signed one.`)
  }
  const revisions: Revision[] = []
  let start = end
  for (const section of sections.slice(0, signedIndex).reverse()) {
    if (section.offset < start) throw unaccounted('A later revision has its cross-references inside an earlier one.')
    const stop = await endOfRevision(document, section)
    const after = await openPdf(file.truncate(stop))
    revisions.push(await accountFor({ before, after, section, start, stop }))
    before = after
    start = stop
  }
  await expectBlank(document, start, file.size)
  return revisions
}

async function endOfRevision({ file }: PdfDocument, section: XrefSection): Promise<number> {
  return file.lex(section.end, (lexer) => {
    lexer.expectKeyword('startxref')
    const offset = lexer.integer('the offset after startxref')
    if (offset !== section.offset) throw unaccounted('A later revision announces other cross-references than it has.')
    while (lexer.peek() === 13 || lexer.peek() === 10 || lexer.peek() === 32) lexer.position += 1
    for (const character of '%%EOF') {
      if (lexer.peek() !== character.charCodeAt(0)) throw unaccounted('A later revision does not end with %%EOF.')
      lexer.position += 1
    }
    if (lexer.peek() === 13) lexer.position += 1
    if (lexer.peek() === 10) lexer.position += 1
    if (lexer.commented) throw unaccounted(commentMessage)
    return lexer.base + lexer.position
  })
}

const commentMessage = 'A later revision has comments where a reader that repairs files could find objects.'

/** What the table itself says: object 0 is free, and Size is above every number, for readers ignore what is not. */
async function checkTable(section: XrefSection, numbers: ReadonlySet<number>): Promise<void> {
  for (const each of section.hybrid ? [section, section.hybrid] : [section]) {
    if (each.commented) throw unaccounted(commentMessage)
    const zero = await each.entry(0)
    if (zero && zero.type !== 'free') throw unaccounted('A later revision gives object 0 a place.')
  }
  const size = section.trailer.entries.get('Size')
  let highest = section.streamNumber ?? 0
  for (const number of numbers) highest = Math.max(highest, number)
  if (typeof size !== 'number' || !Number.isInteger(size) || size <= highest) {
    throw unaccounted('A later revision lists objects that its Size leaves out.')
  }
}

async function accountFor({
  before,
  after,
  section,
  start,
  stop,
}: {
  before: PdfDocument
  after: PdfDocument
  section: XrefSection
  start: number
  stop: number
}): Promise<Revision> {
  const changed = new Map<number, 'new' | 'overridden'>()
  const carriers = new Set<number>()
  const spans: { start: number; end: number }[] = [{ start: section.offset, end: section.end }]
  if (section.streamNumber !== undefined) carriers.add(section.streamNumber)
  if (section.hybrid) {
    spans.push({ start: section.hybrid.offset, end: section.hybrid.end })
    if (section.hybrid.streamNumber !== undefined) carriers.add(section.hybrid.streamNumber)
    await expectNoRivals(section, section.hybrid)
  }
  const contained: Contained[] = []
  const numbers = listedNumbers(section)
  await checkTable(section, numbers)
  for (const number of numbers) {
    const now = await after.entry(number)
    const earlier = await before.entry(number)
    if (sameEntry(now, earlier)) continue
    if (!now || now.type === 'free') {
      if (earlier && earlier.type !== 'free') throw unaccounted(`A later revision deletes object ${number}.`)
      continue
    }
    if (earlier?.type === 'plain' && now.type === 'plain' && earlier.generation !== now.generation) {
      throw unaccounted(`A later revision gives object ${number} another generation.`)
    }
    changed.set(number, earlier && earlier.type !== 'free' ? 'overridden' : 'new')
    if (now.type === 'compressed') contained.push({ number, container: now.container, index: now.index })
    else {
      const object = await after.indirect(number)
      if (!object || object.start < start || object.end > stop) {
        throw unaccounted(`A later revision takes object ${number} from a place outside of it.`)
      }
      if (object.commented) throw unaccounted(commentMessage)
      spans.push(object)
      if (isStream(object.value) && isName(object.value.dictionary.entries.get('Type'), 'ObjStm')) carriers.add(number)
    }
  }
  for (const carrier of carriers) if (!changed.has(carrier)) changed.set(carrier, await kindOf(before, carrier))
  await checkContainers(after, { contained, changed, carriers })
  await expectNothingBetween(after, { spans, start, stop, section })
  return { before, after, changed, carriers }
}

/** Readers disagree on which of the two counts when a table and the stream it names list the same object. */
async function expectNoRivals(table: XrefSection, stream: XrefSection): Promise<void> {
  for (const [first, count] of stream.ranges) {
    for (let number = first; number < first + count; number += 1) {
      const entry = await table.entry(number)
      if (entry && entry.type !== 'free') throw unaccounted(`A later revision lists object ${number} twice.`)
    }
  }
}

async function kindOf(before: PdfDocument, number: number): Promise<'new' | 'overridden'> {
  const earlier = await before.entry(number)
  return earlier && earlier.type !== 'free' ? 'overridden' : 'new'
}

function listedNumbers(section: XrefSection): Set<number> {
  const numbers = new Set<number>()
  for (const each of section.hybrid ? [section, section.hybrid] : [section]) {
    const own = new Set<number>()
    for (const [first, count] of each.ranges) {
      if (own.size + count > maxListedObjects) {
        throw sealError('ERR_SEAL_PDF_LIMIT', `A later revision lists more than ${maxListedObjects} objects.`)
      }
      for (let number = first; number < first + count; number += 1) {
        if (own.has(number)) throw unaccounted(`A later revision lists object ${number} twice.`)
        own.add(number)
        if (number > 0) numbers.add(number)
      }
    }
  }
  return numbers
}

function sameEntry(left: XrefEntry | undefined, right: XrefEntry | undefined): boolean {
  if (!left || !right) return left === right
  if (left.type === 'plain') {
    return right.type === 'plain' && left.offset === right.offset && left.generation === right.generation
  }
  if (left.type === 'compressed') {
    return right.type === 'compressed' && left.container === right.container && left.index === right.index
  }
  return right.type === 'free'
}

interface Contained {
  readonly number: number
  readonly container: number
  readonly index: number
}

/** Object streams must be of this revision, and hold nothing that the cross-references do not list. */
async function checkContainers(
  after: PdfDocument,
  {
    contained,
    changed,
    carriers,
  }: {
    contained: readonly Contained[]
    changed: ReadonlyMap<number, 'new' | 'overridden'>
    carriers: ReadonlySet<number>
  },
): Promise<void> {
  const listed = new Set(contained.map(({ number }) => number))
  for (const container of new Set(contained.map((each) => each.container))) {
    if (!carriers.has(container) || !changed.has(container)) {
      throw unaccounted(`A later revision takes objects from object stream ${container} of an earlier one.`)
    }
    const numbers = await after.containedNumbers(container)
    for (const number of numbers) {
      if (!listed.has(number))
        throw unaccounted(`Object stream ${container} hides object ${number}, which is not listed.`)
    }
    // Some readers go by the number and others by the place.
    if (contained.some((each) => each.container === container && numbers[each.index] !== each.number)) {
      throw unaccounted(`Object stream ${container} holds its objects in other places than the cross-references say.`)
    }
  }
}

async function expectNothingBetween(
  document: PdfDocument,
  {
    spans,
    start,
    stop,
    section,
  }: { spans: readonly { start: number; end: number }[]; start: number; stop: number; section: XrefSection },
): Promise<void> {
  const sorted = [...spans].sort((left, right) => left.start - right.start || left.end - right.end)
  let position = start
  let last = start
  for (const span of sorted) {
    // A cross-reference stream lists itself, so its span may come twice; any other overlap hides something.
    const table = span.start === section.offset || span.start === section.hybrid?.offset
    if (table && span.start === last && span.end === position) continue
    if (span.start < position) throw unaccounted('Two objects of a later revision lie over each other.')
    await expectBlank(document, position, span.start)
    last = span.start
    position = span.end
  }
  // From the trailer to the end stand startxref, an offset and %%EOF, which endOfRevision has read.
  if (position !== section.end || stop < position) {
    throw unaccounted('Objects of a later revision lie behind its cross-references.')
  }
}

/** Only white space, or comments that no reader could take for an object, may stand between `from` and `to`. */
async function expectBlank({ file }: PdfDocument, from: number, to: number): Promise<void> {
  if (to - from > 65_536) throw unaccounted('Bytes follow the signed revision that belong to no object.')
  const text = String.fromCharCode(...(await file.read(from, to - from)))
  const blank = /^(?:[\0\t\n\f\r ]|%[^\r\n]{0,80}(?:[\r\n]|$))*$/.test(text)
  if (!blank || /obj|xref|trailer|stream|%PDF/.test(text)) {
    throw unaccounted('Bytes follow the signed revision that belong to no object.')
  }
}
