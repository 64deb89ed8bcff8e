/// <reference path="./subset-font.d.ts" />
/** Cuts a font down to the characters that are used, and says which ones it lacks instead of printing boxes. */
import type { Font } from '@pdf-lib/fontkit'
import { sealError } from '../errors.ts'
import { openFont } from './font.ts'

/** A font program with the glyphs of a few characters. */
export interface FontSubset {
  /** TrueType or OpenType bytes. */
  readonly bytes: Uint8Array
  readonly font: Font
  /** Width of a character in em. */
  advance(character: string): number
}

/**
 * The subset of a font (TrueType, OpenType, WOFF or WOFF2) that shows a text. Substitution features are left out, so
 * that one character stays one glyph and text extracts as it was written.
 *
 * Throws `ERR_SEAL_GLYPH_MISSING` with the characters in `facts.characters` (rare name characters, 生僻字), and
 * `ERR_SEAL_FONT_UNREADABLE`.
 */
export async function subsetFont(name: string, program: Uint8Array, text: string): Promise<FontSubset> {
  const characters = [...new Set(text)].filter((character) => character >= ' ').sort()
  let bytes: Uint8Array
  try {
    // Loaded when needed: it starts a WebAssembly module and reads its file, which only Node can do.
    const { default: subset } = await import('subset-font')
    const made = await subset(await plainProgram(program), characters.join(''), {
      targetFormat: 'sfnt',
      keepFeatures: [],
      noHinting: true,
      dropTables: ['DSIG', 'vhea', 'vmtx', 'VORG', 'BASE', 'GSUB', 'GPOS', 'GDEF'],
    })
    bytes = new Uint8Array(made)
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
  const font = await openFont(name, bytes)
  const known = new Set(font.characterSet)
  const missing = characters.filter((character) => !known.has(character.codePointAt(0)!))
  if (missing.length > 0) {
    throw sealError(
      'ERR_SEAL_GLYPH_MISSING',
      `The font "${name}" has no glyph for ${missing.join(' ')}: choose a font that has them.`,
      { facts: { font: name, characters: missing } },
    )
  }
  return {
    bytes,
    font,
    advance: (character) => font.glyphForCodePoint(character.codePointAt(0)!).advanceWidth / font.unitsPerEm,
  }
}

// Unpacking a Chinese WOFF2 takes longer than everything after it, and one font serves many documents.
const plainPrograms = new WeakMap<Uint8Array, Promise<Buffer>>()

/** The font program as TrueType or OpenType, unpacked once for each array it came in. */
function plainProgram(program: Uint8Array): Promise<Buffer> {
  const known = plainPrograms.get(program)
  if (known) return known
  const made = import('fontverter').then(({ convert }) =>
    // The library tells formats apart by Buffer's own toString.
    convert(Buffer.from(program.buffer, program.byteOffset, program.byteLength), 'sfnt'),
  )
  plainPrograms.set(program, made)
  return made
}
