/** Turns a vector seal into the PNG that an electronic seal (SES) carries: red on nothing, with smooth edges. */

import { sealError } from '../errors.ts'
import { fillPolygons, type Raster } from '../lib/raster/fill.ts'
import { flattenPath, outlineOf } from '../lib/raster/flatten.ts'
import { encodePng } from '../lib/raster/png.ts'
import type { SealAppearance } from './seal-appearance.ts'

/** Options of {@link sealPicture}. */
export interface SealPictureOptions {
  /** Resolution; 12 dots a millimetre (305 dpi) when absent. */
  dotsPerMillimetre?: number
}

/**
 * Paints the paths of a seal. Throws `ERR_SEAL_APPEARANCE` for a seal that holds pictures, or one too large to paint.
 *
 * @example
 * ```ts
 * const png = await sealPicture(await roundSeal({ organisation: '样例区市场监督管理局', font, test: true }))
 * ```
 */
export async function sealPicture(
  appearance: SealAppearance,
  { dotsPerMillimetre = 12 }: SealPictureOptions = {},
): Promise<Uint8Array> {
  const width = Math.ceil(appearance.width * dotsPerMillimetre)
  const height = Math.ceil(appearance.height * dotsPerMillimetre)
  if (!(width > 0 && height > 0 && width * height <= 4_000_000)) {
    throw sealError('ERR_SEAL_APPEARANCE', 'The seal is too large to be painted as a picture.')
  }
  const raster: Raster = { width, height, pixels: new Uint8Array(width * height * 4) }
  for (const item of appearance.items) {
    if (item.kind !== 'path')
      throw sealError('ERR_SEAL_APPEARANCE', 'Only a seal made of paths can be painted as a picture.')
    const polygons = flattenPath(item.d, dotsPerMillimetre)
    if (item.fill) fillPolygons(raster, polygons, item.fill)
    if (item.stroke) {
      const radius = ((item.lineWidth ?? 0.2) * dotsPerMillimetre) / 2
      fillPolygons(
        raster,
        polygons.flatMap((polygon) => outlineOf(polygon, radius)),
        item.stroke,
      )
    }
  }
  return encodePng(raster)
}
