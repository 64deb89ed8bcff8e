/** A PDF opened for reading: its revisions from the newest back, and objects read when asked for. */
import type { ByteSource } from '@zhicheng/core'
import { sealError } from '../../errors.ts'
import { type PdfFile, pdfFile } from './file.ts'
import { decodeStream } from './filter.ts'
import { type IndirectObject, readIndirectObject } from './indirect.ts'
import { Lexer } from './lexer.ts'
import {
  isArray,
  isDictionary,
  isName,
  isReference,
  isStream,
  type PdfDictionary,
  type PdfReference,
  type PdfStream,
  type PdfValue,
} from './objects.ts'
import { findStartXref, readXrefSection, type XrefEntry, type XrefSection } from './xref.ts'

const maxSections = 4096
const maxReferenceHops = 32
const maxCachedContainers = 8

/** An open PDF. */
export interface PdfDocument {
  readonly file: PdfFile
  /** The header's version, such as `1.7`. */
  readonly headerVersion: string
  /** Cross-reference sections, the newest first. */
  readonly sections: readonly XrefSection[]
  readonly trailer: PdfDictionary
  readonly encrypted: boolean
  /** The entry that counts for an object number. */
  entry(number: number): Promise<XrefEntry | undefined>
  /** The object a reference points to; null when there is none. Chains of references are followed. */
  resolve(value: PdfValue | undefined): Promise<PdfValue>
  dictionary(value: PdfValue | undefined): Promise<PdfDictionary | undefined>
  array(value: PdfValue | undefined): Promise<readonly PdfValue[] | undefined>
  /** An object that lies in the file itself, with its extent; undefined when it is free or in an object stream. */
  indirect(number: number): Promise<IndirectObject | undefined>
  /** Numbers of the objects that an object stream holds. */
  containedNumbers(container: number): Promise<readonly number[]>
  /** The encoded bytes of a stream. */
  rawStream(stream: PdfStream): Promise<Uint8Array>
  /** The decoded bytes of a stream. */
  streamData(stream: PdfStream): Promise<Uint8Array>
  catalog(): Promise<PdfDictionary>
}

/**
 * Opens a PDF strictly: nothing is repaired. Throws `ERR_SEAL_PDF_MALFORMED`, `ERR_SEAL_PDF_LIMIT` or
 * `ERR_SEAL_PDF_UNSUPPORTED`, and never loops.
 */
export async function openPdf(input: Uint8Array | ByteSource | PdfFile): Promise<PdfDocument> {
  const file = 'lex' in input ? input : pdfFile(input)
  const head = String.fromCharCode(...(await file.read(0, Math.min(file.size, 1024))))
  const version = /%PDF-(\d\.\d)/.exec(head)?.[1]
  if (!version) throw sealError('ERR_SEAL_PDF_MALFORMED', 'The file is not a PDF: it does not begin with %PDF-.')
  const sections = await readSections(file)
  return createDocument(file, version, sections)
}

async function readSections(file: PdfFile): Promise<XrefSection[]> {
  const sections: XrefSection[] = []
  const seen = new Set<number>()
  let next: number | undefined = (await findStartXref(file)).offset
  while (next !== undefined) {
    if (seen.has(next))
      throw sealError('ERR_SEAL_PDF_MALFORMED', 'The cross-reference sections of the PDF run in a circle.')
    if (sections.length >= maxSections) {
      throw sealError('ERR_SEAL_PDF_LIMIT', `The PDF has more than ${maxSections} cross-reference sections.`)
    }
    seen.add(next)
    const section: XrefSection = await readXrefSection(file, next)
    sections.push(section)
    const previous = section.trailer.entries.get('Prev')
    if (previous !== undefined && (typeof previous !== 'number' || !Number.isInteger(previous))) {
      throw sealError('ERR_SEAL_PDF_MALFORMED', 'The trailer of the PDF has a Prev that is not an offset.')
    }
    next = previous
  }
  return sections
}

function createDocument(file: PdfFile, headerVersion: string, sections: readonly XrefSection[]): PdfDocument {
  const trailer = sections[0]!.trailer
  const cache = new Map<number, Promise<PdfValue>>()
  const containers = new Map<number, Promise<Map<number, PdfValue>>>()

  async function entry(number: number): Promise<XrefEntry | undefined> {
    for (const section of sections) {
      const found = await section.entry(number)
      if (found && found.type !== 'free') return found
      const hidden = await section.hybrid?.entry(number)
      if (hidden) return hidden
      if (found) return found
    }
    return undefined
  }

  async function load(reference: PdfReference): Promise<PdfValue> {
    const found = await entry(reference.number)
    if (!found || found.type === 'free') return null
    if (found.type === 'compressed') {
      if (reference.generation !== 0) return null
      const container = await objectStream(found.container)
      return container.get(reference.number) ?? null
    }
    if (found.generation !== reference.generation) return null
    return (await readPlain(reference.number, found)).value
  }

  async function readPlain(number: number, found: { offset: number; generation: number }): Promise<IndirectObject> {
    const object = await readIndirectObject(file, found.offset, lengthOf)
    if (object.number !== number || object.generation !== found.generation) {
      throw sealError(
        'ERR_SEAL_PDF_MALFORMED',
        `The cross-references say that object ${number} lies at byte ${found.offset}, but object ${object.number} does.`,
        { facts: { object: number, offset: found.offset } },
      )
    }
    return object
  }

  async function lengthOf(reference: PdfReference): Promise<number> {
    const found = await entry(reference.number)
    if (found?.type !== 'compressed') return plainLengthOf(reference)
    const value = (await objectStream(found.container)).get(reference.number)
    return typeof value === 'number' ? value : -1
  }

  /** Neither the length object nor that of an object stream may need another look-up: so nothing can wait for itself. */
  async function plainLengthOf(reference: PdfReference): Promise<number> {
    const found = await entry(reference.number)
    if (found?.type !== 'plain') return -1
    const { number, value } = await readIndirectObject(file, found.offset)
    return number === reference.number && typeof value === 'number' ? value : -1
  }

  function objectStream(number: number): Promise<Map<number, PdfValue>> {
    let found = containers.get(number)
    if (found) containers.delete(number)
    else {
      found = readObjectStream(number)
      if (containers.size >= maxCachedContainers) containers.delete(containers.keys().next().value!)
    }
    containers.set(number, found)
    return found
  }

  async function readObjectStream(number: number): Promise<Map<number, PdfValue>> {
    const broken = (message: string): Error =>
      sealError('ERR_SEAL_PDF_MALFORMED', `Object stream ${number} of the PDF ${message}.`, {
        facts: { object: number },
      })
    const found = await entry(number)
    if (found?.type !== 'plain') throw broken('is not in the file')
    const { value: stream, number: actual } = await readIndirectObject(file, found.offset, plainLengthOf)
    if (actual !== number || !isStream(stream) || !isName(stream.dictionary.entries.get('Type'), 'ObjStm')) {
      throw broken('is something else')
    }
    const count = stream.dictionary.entries.get('N')
    const first = stream.dictionary.entries.get('First')
    const data = await decodeStream(stream.dictionary, await file.read(stream.start, stream.length))
    if (typeof count !== 'number' || typeof first !== 'number' || first > data.length)
      throw broken('has no usable header')
    const header = new Lexer(data.subarray(0, first))
    const objects = new Map<number, PdfValue>()
    for (let index = 0; index < count; index += 1) {
      const inner = header.integer('an object number')
      const position = first + header.integer('an object offset')
      if (position >= data.length) throw broken('is shorter than its header says')
      if (objects.has(inner)) throw broken(`holds object ${inner} twice`)
      objects.set(inner, withoutOffsets(new Lexer(data, { position }).object()))
    }
    return objects
  }

  async function resolve(value: PdfValue | undefined): Promise<PdfValue> {
    let current: PdfValue = value ?? null
    for (let hops = 0; isReference(current); hops += 1) {
      if (hops >= maxReferenceHops) throw sealError('ERR_SEAL_PDF_MALFORMED', 'References of the PDF run in a circle.')
      const reference: PdfReference = current
      let loaded = reference.generation === 0 ? cache.get(reference.number) : undefined
      if (!loaded) {
        loaded = load(reference)
        if (reference.generation === 0) cache.set(reference.number, loaded)
      }
      current = await loaded
    }
    return current
  }

  async function streamData(stream: PdfStream): Promise<Uint8Array> {
    const entries = new Map(stream.dictionary.entries)
    for (const key of ['Filter', 'DecodeParms']) {
      const value = await resolve(entries.get(key))
      const items = isArray(value) ? await Promise.all(value.map(resolve)) : value
      if (items === null) entries.delete(key)
      else entries.set(key, items)
    }
    return decodeStream({ kind: 'dictionary', entries, duplicateKeys: [] }, await rawStream(stream))
  }

  async function rawStream(stream: PdfStream): Promise<Uint8Array> {
    return stream.data ?? file.read(stream.start, stream.length)
  }

  async function dictionary(value: PdfValue | undefined): Promise<PdfDictionary | undefined> {
    const resolved = await resolve(value)
    return isDictionary(resolved) ? resolved : undefined
  }

  return {
    file,
    headerVersion,
    sections,
    trailer,
    encrypted: sections.some((section) => section.trailer.entries.has('Encrypt')),
    entry,
    resolve,
    dictionary,
    async array(value) {
      const resolved = await resolve(value)
      return isArray(resolved) ? resolved : undefined
    },
    async indirect(number) {
      const found = await entry(number)
      return found?.type === 'plain' ? readPlain(number, found) : undefined
    },
    async containedNumbers(container) {
      return [...(await objectStream(container)).keys()]
    },
    rawStream,
    streamData,
    async catalog() {
      const root = await dictionary(trailer.entries.get('Root'))
      if (!root) throw sealError('ERR_SEAL_PDF_MALFORMED', 'The PDF has no catalog.')
      return root
    },
  }
}

/** Strings of an object stream have no place of their own in the file: their offsets would be those of decoded data. */
function withoutOffsets(value: PdfValue): PdfValue {
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.map(withoutOffsets)
  if (value.kind === 'string') return { kind: 'string', bytes: value.bytes, hex: value.hex }
  if (!isDictionary(value)) return value
  const entries = new Map<string, PdfValue>()
  for (const [key, item] of value.entries) entries.set(key, withoutOffsets(item))
  return { kind: 'dictionary', entries, duplicateKeys: value.duplicateKeys }
}
