/** Ed25519 keys (RFC 8032) under which one signature holds for every message. */
import { toHex } from '@zhicheng/core'

// The y of the eight points of small order, little-endian, and those of them that can be written a second time as y + p.
const smallOrder: ReadonlySet<string> = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/** True for a key of small order. Some runtimes accept signatures under it, others do not: nobody should. */
export function isSmallOrderKey(keyBytes: Uint8Array): boolean {
  // The highest bit is the sign of x.
  const y = new Uint8Array(keyBytes)
  y[31]! &= 0x7f
  return smallOrder.has(toHex(y))
}
