/** Fills polygons by the non-zero winding rule, smoothing edges by how much of each dot is covered. */
import type { Colour } from '../../document/description.ts'
import type { Polygon } from './flatten.ts'

/** Dots: red, green, blue and alpha, a byte each. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

const rows = 4

/** Paints polygons over what is there. */
export function fillPolygons(raster: Raster, polygons: readonly Polygon[], colour: Colour): void {
  const edges = edgesOf(polygons)
  const cover = new Float64Array(raster.width)
  for (let row = 0; row < raster.height; row += 1) {
    cover.fill(0)
    let touched = false
    for (let part = 0; part < rows; part += 1) {
      const crossings = crossingsAt(edges, row + (part + 0.5) / rows)
      if (crossings.length > 0) touched = true
      addSpans(cover, crossings)
    }
    if (touched) paintRow(raster, { row, cover, colour })
  }
}

interface Edge {
  top: number
  bottom: number
  x: number
  slope: number
  direction: 1 | -1
}

function edgesOf(polygons: readonly Polygon[]): Edge[] {
  const edges: Edge[] = []
  for (const polygon of polygons) {
    for (let index = 0; index < polygon.length; index += 2) {
      const x = polygon[index]!
      const y = polygon[index + 1]!
      const nextX = polygon[(index + 2) % polygon.length]!
      const nextY = polygon[(index + 3) % polygon.length]!
      if (y === nextY) continue
      const slope = (nextX - x) / (nextY - y)
      edges.push(
        y < nextY
          ? { top: y, bottom: nextY, x, slope, direction: 1 }
          : { top: nextY, bottom: y, x: nextX, slope, direction: -1 },
      )
    }
  }
  return edges.sort((left, right) => left.top - right.top)
}

function crossingsAt(edges: readonly Edge[], y: number): { x: number; direction: 1 | -1 }[] {
  const found: { x: number; direction: 1 | -1 }[] = []
  for (const { top, bottom, x, slope, direction } of edges) {
    if (top > y) break
    if (bottom > y) found.push({ x: x + (y - top) * slope, direction })
  }
  return found.sort((left, right) => left.x - right.x)
}

function addSpans(cover: Float64Array, crossings: readonly { x: number; direction: 1 | -1 }[]): void {
  let winding = 0
  for (const [index, { x, direction }] of crossings.entries()) {
    winding += direction
    const next = crossings[index + 1]
    if (winding !== 0 && next) addSpan(cover, x, next.x)
  }
}

function addSpan(cover: Float64Array, from: number, to: number): void {
  const left = Math.max(0, from)
  const right = Math.min(cover.length, to)
  for (let column = Math.floor(left); column < right; column += 1) {
    cover[column]! += (Math.min(right, column + 1) - Math.max(left, column)) / rows
  }
}

function paintRow(
  { width, pixels }: Raster,
  { row, cover, colour }: { row: number; cover: Float64Array; colour: Colour },
): void {
  for (let column = 0; column < width; column += 1) {
    const alpha = Math.min(1, cover[column]!)
    if (alpha === 0) continue
    const at = (row * width + column) * 4
    const below = pixels[at + 3]! / 255
    const total = alpha + below * (1 - alpha)
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[at + channel] = Math.round(
        (colour[channel]! * alpha + pixels[at + channel]! * below * (1 - alpha)) / total,
      )
    }
    pixels[at + 3] = Math.round(total * 255)
  }
}
