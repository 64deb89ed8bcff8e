/** CRC-32 of zip (APPNOTE 6.3.10, section 4.4.7), four bytes at a step. */

let tables: Uint32Array[] | undefined

/** Continues a CRC: `updateCrc32(updateCrc32(0, a), b)` is the CRC of `a` followed by `b`. */
export function updateCrc32(crc: number, bytes: Uint8Array): number {
  tables ??= makeTables()
  const [first, second, third, fourth] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
  let state = ~crc
  let index = 0
  for (const whole = bytes.length - 3; index < whole; index += 4) {
    state ^= bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24)
    state = fourth[state & 0xff]! ^ third[(state >>> 8) & 0xff]! ^ second[(state >>> 16) & 0xff]! ^ first[state >>> 24]!
  }
  for (; index < bytes.length; index += 1) state = first[(state ^ bytes[index]!) & 0xff]! ^ (state >>> 8)
  return ~state >>> 0
}

function makeTables(): Uint32Array[] {
  const made = Array.from({ length: 4 }, () => new Uint32Array(256))
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    made[0]![byte] = value
  }
  for (let table = 1; table < 4; table += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const value = made[table - 1]![byte]!
      made[table]![byte] = made[0]![value & 0xff]! ^ (value >>> 8)
    }
  }
  return made
}
