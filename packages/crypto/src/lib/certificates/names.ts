/** Comparison of X.500 names by RFC 5280, section 7.1: case, spacing and the string type do not distinguish. */
import { toHex } from '@zhicheng/core'
import { derTag, expectUniversal, parseDer, readOid, readText } from '../../der.ts'

interface CanonicalName {
  readonly parts: readonly string[]
  readonly key: string
}

const cache = new WeakMap<Uint8Array, CanonicalName>()

const textTags: ReadonlySet<number> = new Set([
  derTag.utf8String,
  derTag.numericString,
  derTag.printableString,
  derTag.teletexString,
  derTag.ia5String,
  derTag.visibleString,
  derTag.bmpString,
])

/** One text for each relative name, in order; two names are the same exactly if all their texts are. */
export function canonicalName(der: Uint8Array): readonly string[] {
  return canonical(der).parts
}

/** One text for the whole name: the same for two names exactly if they name the same. */
export function nameKey(der: Uint8Array): string {
  return canonical(der).key
}

function canonical(der: Uint8Array): CanonicalName {
  const known = cache.get(der)
  if (known) return known
  const name = expectUniversal(parseDer(der, { maxDepth: 6, maxBytes: 65_536 }), derTag.sequence, 'A name')
  const parts = name.children.map((relative) => {
    const members = expectUniversal(relative, derTag.set, 'A relative name').children.map((attribute) => {
      const [type, value] = attribute.children
      const oid = readOid(type, 'The type of a name attribute')
      const text =
        value && value.tagClass === 'universal' && textTags.has(value.tag) ? fold(readText(value)) : undefined
      // With its length before it, no text can be taken for another with what follows it.
      const form = text === undefined ? `#${toHex(value?.bytes ?? new Uint8Array())}` : `=${text}`
      return `${oid}:${form.length}:${form}`
    })
    return members.sort().join('+')
  })
  const made = { parts, key: parts.map((part) => `${part.length},${part}`).join('') }
  cache.set(der, made)
  return made
}

/** True if both DER names name the same. */
export function sameName(left: Uint8Array, right: Uint8Array): boolean {
  return nameKey(left) === nameKey(right)
}

/** True if `name` lies in the subtree that `base` spans. */
export function isInDirectory(name: readonly string[], base: readonly string[]): boolean {
  return base.length <= name.length && base.every((part, index) => part === name[index])
}

function fold(text: string): string {
  // Most names are plain, and normalising changes nothing of them.
  if (/^[!-~]+(?: [!-~]+)*$/.test(text)) return text.toLowerCase()
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
}
