/** Opens a font program for its outlines and widths. */
import fontkit, { type Font } from '@pdf-lib/fontkit'
import { sealError } from '../errors.ts'

/** Opens TrueType, OpenType or WOFF bytes; throws `ERR_SEAL_FONT_UNREADABLE`. */
export function openFont(name: string, bytes: Uint8Array): Font {
  try {
    const font = fontkit.create(bytes)
    if (!(font.unitsPerEm > 0)) throw new Error('The font has no em.')
    return font
  } catch (cause) {
    throw sealError(
      'ERR_SEAL_FONT_UNREADABLE',
      `The font "${name}" cannot be read: give TrueType, OpenType or WOFF2 bytes.`,
      {
        cause,
        facts: { font: name },
      },
    )
  }
}
