/** Opens a font program for its outlines and widths. */
import type { Font } from '@pdf-lib/fontkit'
import { sealError } from '../errors.ts'

/** Opens TrueType, OpenType or WOFF bytes; throws `ERR_SEAL_FONT_UNREADABLE`. */
export async function openFont(name: string, bytes: Uint8Array): Promise<Font> {
  // Loaded when needed: whoever only verifies does not carry a font library along.
  const { default: fontkit } = await import('@pdf-lib/fontkit')
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
