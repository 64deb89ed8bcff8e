/** A seal from a picture file, such as a scanned one. */

import { sealError } from '../errors.ts'
import type { SealAppearance } from './seal-appearance.ts'

/** Options of {@link pictureSeal}. */
export interface PictureSealOptions {
  /** PNG or JPEG bytes; which of the two is read from the first bytes. */
  data: Uint8Array
  /** Width in mm. */
  width: number
  /** Height in mm. */
  height: number
}

/**
 * A seal that shows a picture. Throws `ERR_SEAL_APPEARANCE` unless the bytes are PNG or JPEG.
 *
 * @example
 * ```ts
 * const seal = pictureSeal({ data: await readFile('seal.png'), width: 42, height: 42 })
 * ```
 */
export function pictureSeal({ data, width, height }: PictureSealOptions): SealAppearance {
  const png = data[0] === 0x89 && data[1] === 0x50 && data[2] === 0x4e && data[3] === 0x47
  const jpeg = data[0] === 0xff && data[1] === 0xd8
  if (!png && !jpeg) throw sealError('ERR_SEAL_APPEARANCE', 'The picture of the seal is neither PNG nor JPEG.')
  if (!(width > 0 && height > 0))
    throw sealError('ERR_SEAL_APPEARANCE', 'The seal needs a width and a height above 0 mm.')
  const mediaType = png ? 'image/png' : 'image/jpeg'
  return { width, height, items: [{ kind: 'image', x: 0, y: 0, width, height, data, mediaType }] }
}
