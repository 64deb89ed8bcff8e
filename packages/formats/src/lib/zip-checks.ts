/** Checks on the whole directory of an archive that need no look at the data: limits, kinds of entries, names. */
import type { Finding } from '@zhicheng/core'
import { formatsError } from '../errors.ts'
import type { ZipLimits } from '../zip-archive.ts'
import type { LocatedRecord } from './zip-local.ts'
import { assertSafeName, portabilityFinding, printable, twinKey } from './zip-names.ts'

const ratioFloor = 1_048_576
const regularFile = 0x8000
const folder = 0x4000
const symbolicLink = 0xa000

/** Refuses encryption, links, devices, unknown methods, sizes that cannot be, and whatever passes the limits. */
export function checkEntries(entries: readonly LocatedRecord[], limits: ZipLimits): void {
  const { maxEntryBytes = 1_073_741_824, maxTotalBytes = 4_294_967_296, maxRatio = 250 } = limits
  let total = 0
  for (const { name, record } of entries) {
    const shown = printable(name)
    const facts = { name: shown }
    if ((record.flags & 0x2041) !== 0 || record.method === 99) {
      throw formatsError('ERR_ZIP_ENCRYPTED', `The entry "${shown}" is encrypted.`, { facts })
    }
    if (
      record.fileType === symbolicLink ||
      (record.madeByUnix && ![0, regularFile, folder].includes(record.fileType))
    ) {
      throw formatsError('ERR_ZIP_LINK', `The entry "${shown}" is a link or a device, not a file.`, { facts })
    }
    if (record.method !== 0 && record.method !== 8) {
      throw formatsError('ERR_ZIP_METHOD', `The entry "${shown}" is compressed by method ${record.method}.`, { facts })
    }
    if ((record.method === 0 && record.size !== record.compressedSize) || (name.endsWith('/') && record.size !== 0)) {
      throw formatsError('ERR_ZIP_SIZE_MISMATCH', `The entry "${shown}" states a size that it cannot have.`, { facts })
    }
    total += record.size
    const ratio = record.size / Math.max(1, record.compressedSize)
    if (record.size > maxEntryBytes || total > maxTotalBytes || (record.size > ratioFloor && ratio > maxRatio)) {
      throw formatsError('ERR_ZIP_LIMIT', `The entry "${shown}" passes the limits on size or compression ratio.`, {
        facts: { ...facts, size: record.size, total, maxEntryBytes, maxTotalBytes, maxRatio },
      })
    }
  }
}

/** The names of an archive as they are met, one by one. */
export interface NameRegister {
  /** Throws for an unsafe name, one that stands twice, a twin, and a file that is a folder to another entry. */
  add(name: string): void
}

/** Starts an empty register. Names that only some systems tell apart are findings instead when `allowCaseVariants` is set. */
export function createNameRegister(
  { allowCaseVariants, findings }: { allowCaseVariants: boolean; findings: Finding[] } = {
    allowCaseVariants: false,
    findings: [],
  },
): NameRegister {
  const exact = new Set<string>()
  const twins = new Map<string, string>()
  const folders = new Set<string>()
  const folderKeys = new Set<string>()
  const files = new Set<string>()

  function addFolders(name: string): void {
    for (let at = name.indexOf('/'); at !== -1 && at < name.length - 1; at = name.indexOf('/', at + 1)) {
      const parent = name.slice(0, at)
      if (folders.has(parent)) continue
      const key = twinKey(parent)
      if (files.has(key)) throw fileAsFolder(parent)
      folders.add(parent)
      folderKeys.add(key)
    }
  }

  return {
    add(name) {
      assertSafeName(name)
      const path = name.endsWith('/') ? name.slice(0, -1) : name
      if (exact.has(path)) {
        const shown = printable(name)
        throw formatsError('ERR_ZIP_DUPLICATE_NAME', `The entry "${shown}" stands twice in the archive.`, {
          facts: { name: shown },
        })
      }
      const key = twinKey(name)
      const twin = twins.get(key)
      if (twin !== undefined) {
        const message = `The entries "${printable(twin)}" and "${printable(name)}" differ only in case or Unicode form.`
        if (!allowCaseVariants) throw formatsError('ERR_ZIP_NAME_TWIN', message, { facts: { name: printable(name) } })
        findings.push({ code: 'ZIP_NAME_TWIN', severity: 'warning', message })
      }
      addFolders(name)
      if (!name.endsWith('/')) {
        if (folderKeys.has(key)) throw fileAsFolder(name)
        files.add(key)
      }
      exact.add(path)
      twins.set(key, name)
      const portability = portabilityFinding(name)
      if (portability) findings.push(portability)
    },
  }
}

function fileAsFolder(name: string): Error {
  return formatsError('ERR_ZIP_FILE_AS_FOLDER', `"${printable(name)}" is a file and the folder of another entry.`, {
    facts: { name: printable(name) },
  })
}
