/** Comparison of X.500 names by RFC 5280, section 7.1: case, spacing and the string type do not distinguish. */
import { toHex } from '@zhicheng/core'
import { derTag, expectUniversal, parseDer, readOid, readText } from '../../der.ts'

const cache = new WeakMap<Uint8Array, readonly string[]>()

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
  const known = cache.get(der)
  if (known) return known
  const name = expectUniversal(parseDer(der, { maxDepth: 6, maxBytes: 65_536 }), derTag.sequence, 'A name')
  const canonical = name.children.map((relative) => {
    const parts = expectUniversal(relative, derTag.set, 'A relative name').children.map((attribute) => {
      const [type, value] = attribute.children
      const oid = readOid(type, 'The type of a name attribute')
      const text =
        value && value.tagClass === 'universal' && textTags.has(value.tag) ? fold(readText(value)) : undefined
      return JSON.stringify([oid, text ?? { der: toHex(value?.bytes ?? new Uint8Array()) }])
    })
    return parts.sort().join('+')
  })
  cache.set(der, canonical)
  return canonical
}

/** True if both DER names name the same. */
export function sameName(left: Uint8Array, right: Uint8Array): boolean {
  const one = canonicalName(left)
  const other = canonicalName(right)
  return one.length === other.length && one.every((part, index) => part === other[index])
}

/** True if `name` lies in the subtree that `base` spans. */
export function isInDirectory(name: readonly string[], base: readonly string[]): boolean {
  return base.length <= name.length && base.every((part, index) => part === name[index])
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
}
