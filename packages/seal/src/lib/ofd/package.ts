/** An OFD document as a package (GB/T 33190, clause 6): its entries, and how one file names another. */
import { type ByteSource, isZhichengError } from '@zhicheng/core'
import { openZip, parseXml, type XmlElement, type ZipArchive, type ZipEntry } from '@zhicheng/formats'
import { ofdError } from '../../ofd/errors.ts'

/** An opened document. */
export interface OfdPackage {
  readonly archive: ZipArchive
  /** Files, without folders, by exact name. */
  readonly files: ReadonlyMap<string, ZipEntry>
  /** Content of a file; kept, because signatures and the walk ask for the same ones. */
  read(name: string): Promise<Uint8Array>
  /** Root element of a file that is XML. Throws `ERR_OFD_MALFORMED`. */
  readXml(name: string): Promise<XmlElement>
  /** The file that a location means. Case is forgiven when exactly one file differs in nothing else. */
  find(location: string): { name: string; forgiven: boolean } | undefined
}

/** Options of {@link openOfd}. */
export interface OpenOfdOptions {
  /** Accepts what readers must cope with: bytes before the archive, GBK names. */
  tolerant: boolean
}

/** The entry file of every document. */
export const entryFile = 'OFD.xml'

/** Root elements of the parts of a document; anything else, such as an attached invoice, is a file of its own. */
const parts: ReadonlySet<string> = new Set(['OFD', 'Document', 'Page', 'Res', 'Annotations', 'PageAnnot'])
const cacheBytes = 67_108_864

/** Opens a document. Throws the codes of `openZip`, and `ERR_OFD_MALFORMED` without an entry file. */
export async function openOfd(input: Uint8Array | ByteSource, { tolerant }: OpenOfdOptions): Promise<OfdPackage> {
  const archive = await openZip(input, { allowLeadingBytes: tolerant, allowGbkNames: tolerant })
  const files = new Map(archive.entries.filter(({ directory }) => !directory).map((entry) => [entry.name, entry]))
  if (!files.has(entryFile)) {
    throw ofdError('ERR_OFD_MALFORMED', 'The archive is no OFD document: it has no OFD.xml at its root.')
  }
  const folded = new Map<string, string[]>()
  for (const name of files.keys()) {
    const key = name.toLowerCase()
    folded.set(key, [...(folded.get(key) ?? []), name])
  }
  const kept = new Map<string, Uint8Array>()
  let keptBytes = 0

  async function read(name: string): Promise<Uint8Array> {
    const known = kept.get(name)
    if (known) return known
    const bytes = await archive.read(name)
    if (keptBytes + bytes.length <= cacheBytes) {
      kept.set(name, bytes)
      keptBytes += bytes.length
    }
    return bytes
  }

  return {
    archive,
    files,
    read,
    async readXml(name) {
      try {
        return parseXml(await read(name))
      } catch (cause) {
        if (!isZhichengError(cause) || !cause.code.startsWith('ERR_XML')) throw cause
        throw ofdError('ERR_OFD_MALFORMED', `The file ${name} cannot be read: ${cause.message}`, {
          cause,
          facts: { name },
        })
      }
    },
    find(location) {
      if (files.has(location)) return { name: location, forgiven: false }
      const candidates = folded.get(location.toLowerCase()) ?? []
      return candidates.length === 1 ? { name: candidates[0]!, forgiven: true } : undefined
    },
  }
}

/**
 * The name of the entry that a location (ST_Loc) means: from the root with a leading `/`, else from the folder of the file
 * that holds it. `undefined` when it is empty or leaves the package.
 */
export function resolveLocation(holder: string, location: string): string | undefined {
  const text = location.trim()
  if (text === '' || text.includes('\\') || text.includes('\0')) return undefined
  const base = text.startsWith('/') ? [] : holder.split('/').slice(0, -1)
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') base.push(part)
    else if (base.pop() === undefined) return undefined
  }
  return base.length === 0 ? undefined : base.join('/')
}

/** True for a location that climbs: no writer needs that, and it is how names are smuggled. */
export function climbs(location: string): boolean {
  return location.split(/[\\/]/).includes('..')
}

/** How a part of a document stands to the standard's namespace; real files use an older one, and both in one package. */
export function namespaceOf({ namespace, localName }: XmlElement): 'standard' | 'older' | 'unknown' | 'foreign' {
  if (namespace === 'http://www.ofdspec.org/2016') return 'standard'
  if (namespace === 'http://www.ofdspec.org') return 'older'
  return parts.has(localName) ? 'unknown' : 'foreign'
}
