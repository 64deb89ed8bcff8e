/** ECDSA signatures between DER SEQUENCE { r, s }, as certificates have them, and r ‖ s, as WebCrypto has them. */
import { concatBytes } from '@zhicheng/core'
import { der, derTag, isUniversal, parseDer, readInteger } from '../../der.ts'

/** r ‖ s with `size` bytes each; `undefined` if the input is not exactly such a signature in DER. */
export function ecdsaSignatureToRaw(signature: Uint8Array, size: number): Uint8Array | undefined {
  try {
    const node = parseDer(signature, { maxBytes: 160, maxDepth: 2 })
    if (!isUniversal(node, derTag.sequence) || node.children.length !== 2) return undefined
    // ENUMERATED reads as a number too, but is not how a signature is written.
    if (!node.children.every((child) => isUniversal(child, derTag.integer))) return undefined
    const halves = node.children.map((child) => {
      const { content } = child
      const digits = readInteger(child) > 0n && content[0] === 0 ? content.subarray(1) : content
      const half = new Uint8Array(size)
      half.set(digits, size - digits.length)
      return content[0]! < 0x80 ? half : undefined
    })
    return halves[0] && halves[1] && concatBytes(halves[0], halves[1])
  } catch {
    return undefined
  }
}

/** DER SEQUENCE { r, s } of r ‖ s. */
export function ecdsaSignatureToDer(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2
  return der.sequence(der.unsignedInteger(raw.subarray(0, half)), der.unsignedInteger(raw.subarray(half)))
}
