/** Reads PNG and JPEG pictures as far as a PDF image needs them: size, colours, data, and transparency apart. */
import type { ImageItem } from '../../document/description.ts'
import { sealError } from '../../errors.ts'
import { deflate, inflate, undoPngRows } from './filter.ts'

/** A picture ready to become an image XObject. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly colours: 1 | 3
  readonly filter: 'DCTDecode' | 'FlateDecode'
  readonly data: Uint8Array
  /** Deflated grey levels of the transparency, where it has any. */
  readonly alpha?: Uint8Array
}

const maxPixels = 16_000_000

/** Reads a picture; throws `ERR_SEAL_APPEARANCE` for kinds that are not read here. */
export function readPicture(item: ImageItem): Promise<Picture> | Picture {
  return item.mediaType === 'image/png' ? readPng(item.data) : readJpeg(item.data)
}

function unreadable(message: string): Error {
  return sealError('ERR_SEAL_APPEARANCE', `The picture of the seal cannot be used: ${message}.`)
}

function readJpeg(data: Uint8Array): Picture {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  for (let offset = 2; offset + 9 < data.length && data[offset] === 0xff; ) {
    const marker = data[offset + 1]!
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      const colours = data[offset + 9]
      if (colours !== 1 && colours !== 3) throw unreadable('a JPEG needs one or three colours')
      return {
        height: view.getUint16(offset + 5),
        width: view.getUint16(offset + 7),
        colours,
        filter: 'DCTDecode',
        data,
      }
    }
    offset += 2 + view.getUint16(offset + 2)
  }
  throw unreadable('the JPEG has no frame')
}

async function readPng(data: Uint8Array): Promise<Picture> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const pieces: Uint8Array[] = []
  for (let offset = 8; offset + 12 <= data.length; ) {
    const length = view.getUint32(offset)
    const type = String.fromCharCode(...data.subarray(offset + 4, offset + 8))
    if (offset + 12 + length > data.length) throw unreadable('the PNG is cut off')
    if (type === 'IDAT') pieces.push(data.subarray(offset + 8, offset + 8 + length))
    if (type === 'IEND') break
    offset += 12 + length
  }
  if (data.length < 33 || pieces.length === 0) throw unreadable('the PNG is cut off')
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[data[25]!]
  if (data[24] !== 8 || channels === undefined || data[28] !== 0) {
    throw unreadable('a PNG must have 8 bits a channel, no palette and no interlacing')
  }
  if (width * height === 0 || width * height > maxPixels) throw unreadable(`it has more than ${maxPixels} pixels`)
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  const samples = undoPngRows(await inflate(joined), { rowBytes: width * channels, step: channels })
  if (samples.length < width * height * channels) throw unreadable('the PNG has too few rows')
  const colours = channels > 2 ? 3 : 1
  const [paint, alpha] = splitChannels(samples, { pixels: width * height, channels, colours })
  return {
    width,
    height,
    colours,
    filter: 'FlateDecode',
    data: await deflate(paint),
    ...(alpha ? { alpha: await deflate(alpha) } : {}),
  }
}

function splitChannels(
  samples: Uint8Array,
  { pixels, channels, colours }: { pixels: number; channels: number; colours: number },
): [paint: Uint8Array, alpha: Uint8Array | undefined] {
  if (channels === colours) return [samples.subarray(0, pixels * colours), undefined]
  const paint = new Uint8Array(pixels * colours)
  const alpha = new Uint8Array(pixels)
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let colour = 0; colour < colours; colour += 1) {
      paint[pixel * colours + colour] = samples[pixel * channels + colour]!
    }
    alpha[pixel] = samples[pixel * channels + colours]!
  }
  return [paint, alpha]
}
