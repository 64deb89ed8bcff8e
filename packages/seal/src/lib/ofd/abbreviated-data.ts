/** Turns SVG path data into the abbreviated data of OFD (GB/T 33190, table 36): absolute M, L, Q, B, A and C alone. */
import { ofdError } from '../../ofd/errors.ts'

/** Numbers each SVG command takes at a time. */
const counts: Readonly<Record<string, number>> = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, T: 2, A: 7, Z: 0 }
const letter = /[\s,]*([A-Za-z])/y
const number = /[\s,]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/y
const flag = /[\s,]*([01])/y

interface Pen {
  x: number
  y: number
  startX: number
  startY: number
  /** The control point that S and T mirror, and the kind of curve it belongs to. */
  control?: { kind: 'C' | 'Q'; x: number; y: number }
}

/** The abbreviated data of a path. Throws `ERR_OFD_PATH_DATA` where SVG 1.1, section 8.3 is not kept. */
export function toAbbreviatedData(d: string): string {
  const output: string[] = []
  const pen: Pen = { x: 0, y: 0, startX: 0, startY: 0 }
  const text = d.trimEnd()
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match?.[1]
  }
  let command = ''
  while (at < text.length) {
    const next = take(letter)
    if (next === undefined && (command === '' || command.toUpperCase() === 'Z')) throw malformed()
    command = next ?? command
    const count = counts[command.toUpperCase()]
    if (count === undefined || (output.length === 0 && command.toUpperCase() !== 'M')) throw malformed()
    const numbers: number[] = []
    for (let index = 0; index < count; index += 1) {
      // The flags of an arc may stand without anything between them.
      const value = take(command.toUpperCase() === 'A' && (index === 3 || index === 4) ? flag : number)
      if (value === undefined) throw malformed()
      numbers.push(Number(value))
    }
    output.push(draw(command, numbers, pen))
    // Further pairs behind a move are lines.
    if (command === 'M') command = 'L'
    else if (command === 'm') command = 'l'
  }
  return output.join(' ')
}

function draw(command: string, numbers: readonly number[], pen: Pen): string {
  const relative = command === command.toLowerCase()
  const [dx, dy] = relative ? [pen.x, pen.y] : [0, 0]
  const upper = command.toUpperCase()
  const points = upper === 'A' ? [] : numbers.map((value, index) => value + (index % 2 === 0 ? dx : dy))
  switch (upper) {
    case 'M':
      pen.startX = points[0]!
      pen.startY = points[1]!
      return move(pen, 'M', points)
    case 'L':
      return move(pen, 'L', points)
    case 'H':
      return move(pen, 'L', [numbers[0]! + dx, pen.y])
    case 'V':
      return move(pen, 'L', [pen.x, numbers[0]! + dy])
    case 'C':
      return curve(pen, 'C', points)
    case 'S':
      return curve(pen, 'C', [...mirrored(pen, 'C'), ...points])
    case 'Q':
      return curve(pen, 'Q', points)
    case 'T':
      return curve(pen, 'Q', [...mirrored(pen, 'Q'), ...points])
    case 'A': {
      const [radiusX, radiusY, rotation, large, sweep, x, y] = numbers as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ]
      return move(pen, 'A', [Math.abs(radiusX), Math.abs(radiusY), rotation, large, sweep, x + dx, y + dy])
    }
    default:
      move(pen, 'C', [pen.startX, pen.startY])
      return 'C'
  }
}

function move(pen: Pen, letter: string, numbers: readonly number[]): string {
  pen.x = numbers.at(-2)!
  pen.y = numbers.at(-1)!
  delete pen.control
  return `${letter} ${numbers.map(format).join(' ')}`
}

function curve(pen: Pen, kind: 'C' | 'Q', numbers: readonly number[]): string {
  const [x, y] = numbers.slice(-4, -2) as [number, number]
  const text = move(pen, kind === 'C' ? 'B' : 'Q', numbers)
  pen.control = { kind, x, y }
  return text
}

function mirrored({ x, y, control }: Pen, kind: 'C' | 'Q'): [number, number] {
  return control?.kind === kind ? [2 * x - control.x, 2 * y - control.y] : [x, y]
}

function format(value: number): string {
  if (!Number.isFinite(value)) throw malformed()
  const rounded = Math.round(value * 10_000) / 10_000
  return String(rounded === 0 ? 0 : rounded)
}

function malformed(): Error {
  return ofdError('ERR_OFD_PATH_DATA', 'The path is no SVG path data: check its commands and numbers.')
}
