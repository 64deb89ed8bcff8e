/** Enters a new signature into a document: into OFD.xml the first time, into the list of signatures every time. */
import { childElements, firstChild, formatXml, textOf, type XmlElement, xml } from '@zhicheng/formats'
import { ofdError } from '../../ofd/errors.ts'
import { climbs, entryFile, type OfdPackage, resolveLocation } from './package.ts'
import { type ListedSignature, numberOf, readSignatures } from './signatures.ts'
import { appendTo, replaceText, splice } from './splice.ts'

/** Namespace of everything this package writes (GB/T 33190). */
export const ofdNamespace = 'http://www.ofdspec.org/2016'

/** Where a new signature goes and what changes for it. */
export interface Amendment {
  /** Files whose bytes change, or that are new. */
  readonly changed: ReadonlyMap<string, Uint8Array>
  readonly listFile: string
  /** Folder of the signature's own files. */
  readonly folder: string
  readonly stampIds: readonly string[]
  /** Document.xml. */
  readonly documentFile: string
}

/**
 * Plans the entry. Throws `ERR_OFD_CLOSED` when an earlier signature protects the list, `ERR_OFD_UNSUPPORTED` for several
 * documents in one package, and `ERR_OFD_MALFORMED`.
 */
export async function planAmendment(ofd: OfdPackage, stampCount: number): Promise<Amendment> {
  const bytes = await ofd.read(entryFile)
  const root = await ofd.readXml(entryFile)
  const [body, ...others] = childElements(root, 'DocBody')
  if (!body || root.localName !== 'OFD') throw ofdError('ERR_OFD_MALFORMED', 'OFD.xml holds no document.')
  if (others.length > 0) {
    throw ofdError(
      'ERR_OFD_UNSUPPORTED',
      'The package holds several documents; a seal on one of them is not supported.',
    )
  }
  const documentFile = fileOf(ofd, firstChild(body, 'DocRoot'))
  const listed = await readSignatures(ofd, root)
  const existing = firstChild(body, 'Signatures')
  const listFile = existing ? fileOf(ofd, existing) : freeListFile(ofd, documentFile)
  assertOpen(listed.signatures, listFile, existing !== undefined)
  const base = listFile.split('/').slice(0, -1).join('/')
  const folder = freeFolder(ofd, base === '' ? 'Sign_' : `${base}/Sign_`)
  const list = existing ? { bytes: await ofd.read(listFile), root: await ofd.readXml(listFile) } : undefined
  const next = nextNumber(listed.signatures, list?.root)
  const signatureId = formatId(next)
  const stampIds = Array.from({ length: stampCount }, (_, index) => formatId(next + 1 + index))
  const highest = formatId(next + stampCount)
  const prefix = list ? prefixed(list.root) : 'ofd:'
  const entry = xml(`${prefix}Signature`, { ID: signatureId, Type: 'Seal', BaseLoc: `/${folder}/Signature.xml` })
  const changed = new Map<string, Uint8Array>()
  if (list) {
    const counter = childElements(list.root, 'MaxSignId').at(-1)
    changed.set(
      listFile,
      splice(list.bytes, [
        appendTo(list.bytes, list.root, [entry]),
        ...(counter ? [replaceText(list.bytes, counter, highest)] : []),
      ]),
    )
  } else {
    const location = xml(`${prefixed(body)}Signatures`, null, `/${listFile}`)
    changed.set(entryFile, splice(bytes, [appendTo(bytes, body, [location])]))
    changed.set(
      listFile,
      formatXml(xml('ofd:Signatures', { 'xmlns:ofd': ofdNamespace }, xml('ofd:MaxSignId', null, highest), entry)),
    )
  }
  return { changed, listFile, folder, stampIds, documentFile }
}

function fileOf(ofd: OfdPackage, element: XmlElement | undefined): string {
  const location = element ? textOf(element) : ''
  const target = climbs(location) ? undefined : resolveLocation(entryFile, location)
  const found = target === undefined ? undefined : ofd.find(target)
  if (!found) {
    throw ofdError('ERR_OFD_MALFORMED', `OFD.xml names a file that is not there: ${location.slice(0, 120)}.`)
  }
  return found.name
}

function assertOpen(signatures: readonly ListedSignature[], listFile: string, exists: boolean): void {
  if (!exists) return
  for (const { id, description } of signatures) {
    if (!description) throw ofdError('ERR_OFD_MALFORMED', `The signature ${id} of the document has no description.`)
    const closes = description.references.some(
      ({ fileRef }) => resolveLocation('', fileRef)?.toLowerCase() === listFile.toLowerCase(),
    )
    if (closes) {
      throw ofdError('ERR_OFD_CLOSED', `The signature ${id} closed the document: another one would break it.`, {
        facts: { id },
      })
    }
  }
}

/** Identifiers of signatures and stamps share one counter. */
function nextNumber(signatures: readonly ListedSignature[], root: XmlElement | undefined): number {
  const counters = root ? childElements(root, 'MaxSignId').map((element) => numberOf(textOf(element))) : []
  const used = signatures.flatMap(({ id, description }) => [id, ...(description?.stampIds ?? [])]).map(numberOf)
  return Math.max(0, ...counters, ...used) + 1
}

function formatId(value: number): string {
  return `s${String(value).padStart(3, '0')}`
}

function freeListFile(ofd: OfdPackage, documentFile: string): string {
  const folder = documentFile.split('/').slice(0, -1)
  const name = [...folder, 'Signs', 'Signatures.xml'].join('/')
  if (ofd.find(name)) throw ofdError('ERR_OFD_MALFORMED', `${name} is there, although OFD.xml names no signatures.`)
  return name
}

function freeFolder(ofd: OfdPackage, start: string): string {
  const taken = [...ofd.archive.entries].map(({ name }) => name.toLowerCase())
  for (let index = 0; ; index += 1) {
    const folder = `${start}${index}`
    const key = folder.toLowerCase()
    if (!taken.some((name) => name === key || name.startsWith(`${key}/`))) return folder
  }
}

function prefixed({ prefix }: XmlElement): string {
  return prefix === '' ? '' : `${prefix}:`
}
