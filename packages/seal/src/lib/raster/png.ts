/** Writes dots as a PNG (ISO/IEC 15948) with transparency. */
import { concatBytes } from '@zhicheng/core'
import type { Raster } from './fill.ts'

/** Encodes a raster. */
export async function encodePng({ width, height, pixels }: Raster): Promise<Uint8Array> {
  const lines = new Uint8Array(height * (width * 4 + 1))
  for (let row = 0; row < height; row += 1) {
    // Filter type 0: the bytes as they are.
    lines.set(pixels.subarray(row * width * 4, (row + 1) * width * 4), row * (width * 4 + 1) + 1)
  }
  const header = new DataView(new ArrayBuffer(13))
  header.setUint32(0, width)
  header.setUint32(4, height)
  header.setUint8(8, 8)
  // Colour type 6: red, green, blue, alpha.
  header.setUint8(9, 6)
  return concatBytes(
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', await deflate(lines)),
    chunk('IEND', new Uint8Array()),
  )
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const body = concatBytes(new TextEncoder().encode(name), content)
  const frame = new Uint8Array(body.length + 8)
  const view = new DataView(frame.buffer)
  view.setUint32(0, content.length)
  frame.set(body, 4)
  view.setUint32(body.length + 4, crc32(body))
  return frame
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
