/** Serial numbers as this project writes them. */
import { toHex } from '@zhicheng/core'

/** Lower-case hex of whole bytes, without the zero byte that only keeps the INTEGER positive. */
export function formatSerialNumber(content: Uint8Array): string {
  return toHex(content.length > 1 && content[0] === 0 ? content.subarray(1) : content)
}
