/** A round official seal (圆形公章) of vectors: ring, star, the name on the arc; it needs no font where it is shown. */

import type { Colour, PathItem } from '../document/description.ts'
import { sealError } from '../errors.ts'
import { type FontSubset, subsetFont } from '../lib/subset.ts'
import type { SealAppearance } from './seal-appearance.ts'

/** Options of {@link roundSeal}. */
export interface RoundSealOptions {
  /** Name of the organisation, written along the upper arc. */
  organisation: string
  /** What the seal is for, such as 行政审批专用章; written below the star. */
  title?: string
  /** Number of the seal, along the lower arc. */
  number?: string
  /** A font with all these characters. */
  font: Uint8Array
  /** True writes 测试专用 into the ring: for every seal made with test keys. */
  test: boolean
  /** Diameter in mm; 42 when absent. */
  diameter?: number
  color?: Colour
}

const sealRed: Colour = [206, 20, 28]
const testMark = '测试专用'

/**
 * Draws a round seal. Throws `ERR_SEAL_GLYPH_MISSING`, `ERR_SEAL_FONT_UNREADABLE`, and `ERR_SEAL_APPEARANCE` for a name
 * that does not fit (1 to 40 characters).
 *
 * @example
 * ```ts
 * const seal = await roundSeal({ organisation: '样例区市场监督管理局', title: '行政审批专用章', font, test: true })
 * ```
 */
export async function roundSeal(options: RoundSealOptions): Promise<SealAppearance> {
  const { organisation, title = '', number = '', font, test, diameter = 42, color = sealRed } = options
  const name = [...organisation.trim()]
  if (name.length === 0 || name.length > 40) {
    throw sealError('ERR_SEAL_APPEARANCE', 'The name on a round seal has 1 to 40 characters.')
  }
  const lower = [test ? testMark : '', number].filter((part) => part !== '').join(' ')
  const subset = await subsetFont('seal', font, organisation + title + lower)
  const unit = diameter / 42
  const pen: Pen = { subset, centre: diameter / 2 }
  const fill = (d: string): PathItem => ({ kind: 'path', d, fill: color })
  const items: PathItem[] = [
    {
      kind: 'path',
      d: circle(diameter / 2, diameter / 2 - 0.6 * unit),
      stroke: color,
      lineWidth: 1.2 * unit,
    },
    fill(star({ centre: diameter / 2, radius: 7 * unit })),
    fill(upperArc(name, { pen, unit })),
    ...(title === '' ? [] : [fill(straightLine([...title], { pen, unit }))]),
    ...(lower === '' ? [] : [fill(lowerArc([...lower], { pen, unit }))]),
  ]
  return { width: diameter, height: diameter, items }
}

interface Pen {
  subset: FontSubset
  centre: number
}

interface Place {
  /** Where the middle of the glyph box comes to lie. */
  x: number
  y: number
  /** Clockwise turn in radians. */
  turn: number
  /** Width and height of the em in mm. */
  width: number
  height: number
}

/** The name reads clockwise over at most 250 degrees; the more characters, the narrower each becomes. */
function upperArc(characters: readonly string[], { pen, unit }: { pen: Pen; unit: number }): string {
  const height = 5.6 * unit
  const radius = 21 * unit - 1.2 * unit - 0.7 * unit - height / 2
  const widest = height * 0.92
  const sweep = Math.min(250, (characters.length - 1) * 24)
  const step = characters.length > 1 ? (sweep / (characters.length - 1)) * (Math.PI / 180) : 0
  const inner = radius - height * 0.35
  const width = step === 0 ? widest : Math.min(widest, inner * step * 0.94)
  return characters
    .map((character, index) => {
      const turn = (index - (characters.length - 1) / 2) * step
      return glyph(character, pen, {
        x: pen.centre + radius * Math.sin(turn),
        y: pen.centre - radius * Math.cos(turn),
        turn,
        width,
        height,
      })
    })
    .join('')
}

/** The number reads counter-clockwise along the bottom, its feet towards the ring. */
function lowerArc(characters: readonly string[], { pen, unit }: { pen: Pen; unit: number }): string {
  const height = 2.6 * unit
  const radius = 21 * unit - 1.2 * unit - 0.8 * unit - height / 2
  const widths = characters.map((character) => Math.max(0.5, pen.subset.advance(character)) * height * 1.08)
  const total = widths.reduce((sum, width) => sum + width, 0)
  let along = -total / 2
  return characters
    .map((character, index) => {
      const turn = -(along + widths[index]! / 2) / radius
      along += widths[index]!
      return glyph(character, pen, {
        x: pen.centre - radius * Math.sin(turn),
        y: pen.centre + radius * Math.cos(turn),
        turn,
        width: height,
        height,
      })
    })
    .join('')
}

function straightLine(characters: readonly string[], { pen, unit }: { pen: Pen; unit: number }): string {
  const height = 3.7 * unit
  const step = Math.min(height * 1.02, (25 * unit) / characters.length)
  return characters
    .map((character, index) =>
      glyph(character, pen, {
        x: pen.centre + (index - (characters.length - 1) / 2) * step,
        y: pen.centre + 10.6 * unit,
        turn: 0,
        width: step * 0.96,
        height,
      }),
    )
    .join('')
}

interface PathCommand {
  command: 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'bezierCurveTo' | 'closePath'
  args: number[]
}

const letters = { moveTo: 'M', lineTo: 'L', quadraticCurveTo: 'Q', bezierCurveTo: 'C', closePath: 'Z' } as const

/** The outline of one character, its box centred on a place and turned. */
function glyph(character: string, { subset }: Pen, { x, y, turn, width, height }: Place): string {
  const { font } = subset
  const outline = font.glyphForCodePoint(character.codePointAt(0)!)
  const middle = outline.advanceWidth / 2
  // Chinese glyphs fill the em box from descender to ascender; half of it above the base line is their middle.
  const centreLine = font.unitsPerEm * 0.38
  const scaleX = width / font.unitsPerEm
  const scaleY = height / font.unitsPerEm
  const [sine, cosine] = [Math.sin(turn), Math.cos(turn)]
  // The type declarations of the library leave `commands` out.
  const { commands } = outline.path as unknown as { commands: readonly PathCommand[] }
  let d = ''
  for (const { command, args } of commands) {
    const points: string[] = []
    for (let index = 0; index + 1 < args.length; index += 2) {
      const across = (args[index]! - middle) * scaleX
      const down = (centreLine - args[index + 1]!) * scaleY
      points.push(`${round(x + across * cosine - down * sine)} ${round(y + across * sine + down * cosine)}`)
    }
    d += letters[command] + points.join(' ')
  }
  return d
}

function star({ centre, radius }: { centre: number; radius: number }): string {
  // The inner corners of a regular pentagram lie at this share of its radius.
  const inner = radius * 0.381966
  const corners = Array.from({ length: 10 }, (_, index) => {
    const angle = (index * Math.PI) / 5
    const length = index % 2 === 0 ? radius : inner
    return `${round(centre + length * Math.sin(angle))} ${round(centre - length * Math.cos(angle))}`
  })
  return `M${corners.join('L')}Z`
}

function circle(centre: number, radius: number): string {
  const pull = radius * 0.552285
  const at = (x: number, y: number): string => `${round(centre + x)} ${round(centre + y)}`
  return (
    `M${at(radius, 0)}` +
    `C${at(radius, pull)} ${at(pull, radius)} ${at(0, radius)}` +
    `C${at(-pull, radius)} ${at(-radius, pull)} ${at(-radius, 0)}` +
    `C${at(-radius, -pull)} ${at(-pull, -radius)} ${at(0, -radius)}` +
    `C${at(pull, -radius)} ${at(radius, -pull)} ${at(radius, 0)}Z`
  )
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
