/** Identifier, minimal length and content: the frame of every DER value (ITU-T X.690, clause 8.1). */
import { concatBytes } from '@zhicheng/core'

/** A value of its identifier octet and its content. */
export function wrap(identifier: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = content
  if (length < 0x80) return concatBytes(Uint8Array.of(identifier, length), content)
  const lengthBytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest & 0xff)
  return concatBytes(Uint8Array.of(identifier, 0x80 | lengthBytes.length, ...lengthBytes), content)
}
