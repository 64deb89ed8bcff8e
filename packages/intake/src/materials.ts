/** Materials (申请材料): files whose content says what they are, kept by digest in a storage that comes in from outside. */
import { toHex } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { openZip, type SniffedType, sniffFileType } from '@zhicheng/formats'
import { intakeError } from './errors.ts'
import type { MaterialMediaType, MaterialRequirement } from './service-item.ts'

/** Where contents are kept. A key is written once; writing the same content again changes nothing. */
export interface MaterialStorage {
  put(key: string, content: Uint8Array): Promise<void>
  get(key: string): Promise<Uint8Array | undefined>
}

/** A file as it was handed in. */
export interface MaterialInput {
  /** The line of the checklist. */
  code: string
  /** File name for people, with the extension of its type. */
  name: string
  mediaType: string
  content: Uint8Array
}

const kinds: Readonly<Record<MaterialMediaType, { sniffed: readonly SniffedType[]; extensions: readonly string[] }>> = {
  'application/pdf': { sniffed: ['pdf'], extensions: ['pdf'] },
  // An OFD whose entry file stands late looks like any zip at its head.
  'application/ofd': { sniffed: ['ofd', 'zip'], extensions: ['ofd'] },
  'image/png': { sniffed: ['png'], extensions: ['png'] },
  'image/jpeg': { sniffed: ['jpeg'], extensions: ['jpg', 'jpeg'] },
}

/**
 * A storage in memory, for tests and demonstrations.
 *
 * @example
 * ```ts
 * const materials = memoryMaterials()
 * ```
 */
export function memoryMaterials(): MaterialStorage {
  const contents = new Map<string, Uint8Array>()
  return {
    async put(key, content) {
      contents.set(key, content.slice())
    },
    get: async (key) => contents.get(key)?.slice(),
  }
}

/** The key of a content: its SHA-256, so that one content is kept once. */
export function materialKey(content: Uint8Array): string {
  return toHex(hash('sha256', content))
}

/**
 * Refuses a file that its line of the checklist does not take: `ERR_INTAKE_MATERIAL_NAME`, `_SIZE`, or `_TYPE` when the
 * content is not what it is said to be. The name, which may be personal, is not repeated.
 */
export async function checkMaterial(
  { name, mediaType, content }: MaterialInput,
  requirement: MaterialRequirement,
): Promise<void> {
  const facts = { material: requirement.code }
  if (content.length === 0 || content.length > requirement.maxBytes) {
    throw intakeError(
      'ERR_INTAKE_MATERIAL_SIZE',
      `The file has ${content.length} bytes; 1 to ${requirement.maxBytes} are allowed.`,
      { facts: { ...facts, maxBytes: requirement.maxBytes } },
    )
  }
  const kind = requirement.mediaTypes.includes(mediaType as MaterialMediaType)
    ? kinds[mediaType as MaterialMediaType]
    : undefined
  if (!kind) {
    throw intakeError('ERR_INTAKE_MATERIAL_TYPE', 'The checklist does not allow this media type here.', {
      facts: { ...facts, mediaTypes: requirement.mediaTypes },
    })
  }
  if (!isFileName(name) || !kind.extensions.includes(name.slice(name.lastIndexOf('.') + 1).toLowerCase())) {
    throw intakeError(
      'ERR_INTAKE_MATERIAL_NAME',
      'The file name needs 1 to 120 ordinary characters, no path, and the extension of its type.',
      { facts: { ...facts, extensions: kind.extensions } },
    )
  }
  const sniffed = sniffFileType(content.subarray(0, 4096))
  if (!kind.sniffed.includes(sniffed) || (sniffed === 'zip' && !(await isOfd(content)))) {
    throw intakeError('ERR_INTAKE_MATERIAL_TYPE', 'The content of the file is not of the type it is said to be.', {
      facts: { ...facts, found: sniffed },
    })
  }
}

function isFileName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const unfit = /[\0-\x1f\x7f/\\:*?"<>|]|[\u202a-\u202e\u2066-\u2069]|\p{Surrogate}|^\.|[. ]$/u
  return name.length > 0 && name.length <= 120 && !unfit.test(name)
}

async function isOfd(content: Uint8Array): Promise<boolean> {
  try {
    return (await openZip(content)).get('OFD.xml') !== undefined
  } catch {
    return false
  }
}
