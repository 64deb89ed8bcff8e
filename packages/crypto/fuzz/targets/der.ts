/** DER: every value that is read can be written again, byte for byte. */
import { concatBytes } from '@zhicheng/core'
import { type DerNode, der, derTag, isUniversal, parseDer, readInteger, readOid, readTime } from '../../src/der.ts'
import { seedAuthorities } from '../authority.ts'
import { seedKey, seedKinds } from '../keys.ts'
import { type Target, Violation } from '../target.ts'

const classes = ['universal', 'application', 'context', 'private']

/** Trees of values, and the numbers, types and times in them. */
export const derTarget: Target = {
  name: 'der',
  async seeds() {
    const certificates = (await seedAuthorities()).map(({ leaf }) => leaf.der)
    const values = [
      der.sequence(der.integer(-(2n ** 63n)), der.integer(2n ** 64n), der.enumerated(10), der.boolean(true)),
      der.setOf(der.oid('2.999.1'), der.oid('1.2.156.10197.1.501'), der.utcTime(new Date(0))),
      der.sequence(der.generalizedTime(new Date('2060-02-29T23:59:59Z')), der.namedBits([0, 8]), der.null()),
    ]
    return [...certificates, ...seedKinds.map((kind) => seedKey(kind, 'leaf').pkcs8), ...values]
  },
  run(input) {
    const node = parseDer(input, { maxBytes: 1_000_000 })
    if (!same(encode(node), input)) throw new Violation('The tree, written again, is not the input.')
    checkValues(node)
    return { accepted: true, label: 'parsed' }
  },
}

/** From tag and content alone. */
function encode({ tagClass, tag, constructed, content, children }: DerNode): Uint8Array {
  const identifier = (classes.indexOf(tagClass) << 6) | (constructed ? 0x20 : 0) | tag
  const body = constructed ? concatBytes(...children.map(encode)) : content
  const length: number[] = []
  for (let rest = body.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff)
  const header = body.length < 0x80 ? [body.length] : [0x80 | length.length, ...length]
  return concatBytes(Uint8Array.of(identifier, ...header), body)
}

function checkValues(node: DerNode): void {
  const again = rewrite(node)
  if (again && !same(again, node.bytes)) {
    throw new Violation(`A value with the tag ${node.tag} was read as one that is written in another way.`)
  }
  for (const child of node.children) checkValues(child)
}

/** The value, read and written again; `undefined` where reading refuses it. */
function rewrite(node: DerNode): Uint8Array | undefined {
  try {
    if (isUniversal(node, derTag.integer)) return der.integer(readInteger(node))
    if (isUniversal(node, derTag.oid)) return der.oid(readOid(node))
    // Fractions of a second are read to the millisecond and never written.
    if (node.content.includes(0x2e)) return undefined
    if (isUniversal(node, derTag.utcTime)) return der.utcTime(readTime(node))
    if (isUniversal(node, derTag.generalizedTime)) return der.generalizedTime(readTime(node))
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_DER_INVALID') throw error
  }
  return undefined
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}
