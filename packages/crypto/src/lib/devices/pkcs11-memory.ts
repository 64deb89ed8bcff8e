/**
 * Memory as PKCS#11 libraries want it. A CK_ULONG has 4 bytes on Windows and the size of a pointer elsewhere; structures
 * are packed on Windows, and elsewhere their members all have one size, so that members simply follow one another.
 */
import type { Koffi } from './pkcs11-koffi.ts'

/** Sizes of this machine, and memory in their terms. */
export interface Pkcs11Memory {
  readonly ulongSize: number
  readonly pointerSize: number
  /** Bytes that do not move: a small typed array could, an ArrayBuffer of its own does not. */
  bytes(length: number): Uint8Array<ArrayBuffer>
  copy(content: Uint8Array): Uint8Array<ArrayBuffer>
  ulongs(...values: readonly number[]): Uint8Array<ArrayBuffer>
  readUlong(memory: Uint8Array, index?: number): number
  /** A structure of integers and pointers. Keep what it points to until the call is over. */
  structure(...members: readonly (number | Uint8Array | null)[]): Uint8Array<ArrayBuffer>
}

/** Describes the memory of this machine. */
export function describeMemory(koffi: Koffi): Pkcs11Memory {
  const ulongSize = koffi.sizeof('unsigned long')
  const pointerSize = koffi.sizeof('void *')
  // Node itself exists for little-endian and big-endian machines; typed arrays have the order of the machine.
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

  function write(target: Uint8Array<ArrayBuffer>, offset: number, size: number, value: bigint): void {
    const view = new DataView(target.buffer, offset, size)
    if (size === 4) view.setUint32(0, Number(value), littleEndian)
    else view.setBigUint64(0, value, littleEndian)
  }

  const memory: Pkcs11Memory = {
    ulongSize,
    pointerSize,
    bytes: (length) => new Uint8Array(new ArrayBuffer(length)),
    copy(content) {
      const copied = memory.bytes(content.length)
      copied.set(content)
      return copied
    },
    ulongs: (...values) => memory.structure(...values),
    readUlong(source, index = 0) {
      const view = new DataView(source.buffer, source.byteOffset + index * ulongSize, ulongSize)
      return ulongSize === 4 ? view.getUint32(0, littleEndian) : Number(view.getBigUint64(0, littleEndian))
    },
    structure(...members) {
      const sizes = members.map((member) => (typeof member === 'number' ? ulongSize : pointerSize))
      const structure = memory.bytes(sizes.reduce((sum, size) => sum + size, 0))
      let offset = 0
      for (const [index, member] of members.entries()) {
        const value = member === null ? 0n : typeof member === 'number' ? BigInt(member) : koffi.address(member)
        write(structure, offset, sizes[index]!, value)
        offset += sizes[index]!
      }
      return structure
    },
  }
  return memory
}
