/** Flattens paths into polygons of dots, and strokes into polygons that cover them. */
import { sealError } from '../../errors.ts'

/** Corners of a closed polygon: x0, y0, x1, y1, … in dots. */
export type Polygon = readonly number[]

const steps = 16

/** The polygons of an SVG path of absolute commands M, L, C, Q and Z, scaled by `scale`. */
export function flattenPath(d: string, scale: number): Polygon[] {
  const polygons: number[][] = []
  let current: number[] = []
  for (const [, command = '', text = ''] of d.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const numbers = [...text.matchAll(/[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g)].map(
      ([number]) => Number(number) * scale,
    )
    if (command === 'M') {
      current = numbers.slice(0, 2)
      polygons.push(current)
      for (let index = 2; index + 1 < numbers.length; index += 2) current.push(numbers[index]!, numbers[index + 1]!)
    } else if (command === 'L') current.push(...numbers)
    else if (command === 'C') curve(current, numbers, 6)
    else if (command === 'Q') curve(current, numbers, 4)
    else if (command !== 'Z' && command !== 'z') {
      throw sealError('ERR_SEAL_APPEARANCE', `A seal's path has the command ${command}, which is not painted.`)
    }
  }
  return polygons.filter((polygon) => polygon.length >= 4)
}

function curve(polygon: number[], numbers: readonly number[], size: 4 | 6): void {
  for (let index = 0; index + size <= numbers.length; index += size) {
    const x0 = polygon.at(-2)!
    const y0 = polygon.at(-1)!
    const [x1, y1, x2, y2, x3, y3] = numbers.slice(index, index + size) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    for (let step = 1; step <= steps; step += 1) {
      const t = step / steps
      const u = 1 - t
      if (size === 4) polygon.push(u * u * x0 + 2 * u * t * x1 + t * t * x2, u * u * y0 + 2 * u * t * y1 + t * t * y2)
      else {
        polygon.push(
          u * u * u * x0 + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t * t * t * x3,
          u * u * u * y0 + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t * t * t * y3,
        )
      }
    }
  }
}

/** Polygons that together cover the closed line along `polygon`, `radius` dots to each side, with round joins. */
export function outlineOf(polygon: Polygon, radius: number): Polygon[] {
  const covers: Polygon[] = []
  for (let index = 0; index < polygon.length; index += 2) {
    const x = polygon[index]!
    const y = polygon[index + 1]!
    const nextX = polygon[(index + 2) % polygon.length]!
    const nextY = polygon[(index + 3) % polygon.length]!
    const length = Math.hypot(nextX - x, nextY - y)
    if (length === 0) continue
    const dx = (-(nextY - y) / length) * radius
    const dy = ((nextX - x) / length) * radius
    // All covers turn the same way, so that where they overlap the winding number only grows.
    covers.push([x - dx, y - dy, nextX - dx, nextY - dy, nextX + dx, nextY + dy, x + dx, y + dy], disc(x, y, radius))
  }
  return covers
}

function disc(x: number, y: number, radius: number): Polygon {
  return Array.from({ length: steps }, (_, index) => (2 * Math.PI * index) / steps).flatMap((angle) => [
    x + radius * Math.cos(angle),
    y + radius * Math.sin(angle),
  ])
}
