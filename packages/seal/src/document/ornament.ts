/** Ornaments of certificates as SVG path data in mm: a fret border (回纹), a rosette and fine waves. */

interface Box {
  x: number
  y: number
  width: number
  height: number
}

const fixed = (value: number): string => String(Math.round(value * 100) / 100)

/** A polyline of one fret in a unit square, beginning and ending so that neighbours join. */
const fret: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, 0.08],
  [0.84, 0.08],
  [0.84, 0.78],
  [0.28, 0.78],
  [0.28, 0.36],
  [0.58, 0.36],
  [0.58, 0.56],
]

/** Frets along the four sides of a box; corners carry a square spiral of their own. */
export function fretBorder({ x, y, width, height }: Box): string {
  const depth = 6
  const across = Math.round(width / depth)
  const down = Math.round(height / depth)
  const stepX = width / across
  const stepY = height / down
  let d = ''
  for (let index = 0; index < across; index += 1) {
    d += tile({ x: x + index * stepX, y, width: stepX, height: depth, flip: false })
    d += tile({ x: x + index * stepX, y: y + height - depth, width: stepX, height: depth, flip: true })
  }
  for (let index = 1; index < down - 1; index += 1) {
    d += tile({ x, y: y + index * stepY, width: depth, height: stepY, flip: false })
    d += tile({ x: x + width - depth, y: y + index * stepY, width: depth, height: stepY, flip: true })
  }
  return d
}

function tile({ x, y, width, height, flip }: Box & { flip: boolean }): string {
  const points = fret.map(([u, v]) => {
    const [a, b] = flip ? [1 - u, 1 - v] : [u, v]
    return `${fixed(x + (0.06 + a * 0.9) * width)} ${fixed(y + (0.04 + b * 0.92) * height)}`
  })
  return `M${points.join('L')}`
}

/** A guilloche rosette: one wavy circle, drawn several times with a growing phase. */
export function rosette({ x, y, radius }: { x: number; y: number; radius: number }): string {
  let d = ''
  for (const [inner, amplitude, lobes, turns] of [
    [0.86, 0.14, 24, 6],
    [0.6, 0.12, 18, 6],
    [0.34, 0.1, 12, 6],
  ] as const) {
    for (let turn = 0; turn < turns; turn += 1) {
      const phase = (turn / turns) * 2 * Math.PI
      const points: string[] = []
      const steps = lobes * 10
      for (let step = 0; step < steps; step += 1) {
        const angle = (step / steps) * 2 * Math.PI
        const r = radius * (inner + amplitude * Math.sin(lobes * angle + phase) * Math.cos(phase / 2))
        points.push(`${fixed(x + r * Math.cos(angle))} ${fixed(y + r * Math.sin(angle))}`)
      }
      d += `M${points.join('L')}Z`
    }
  }
  return d
}

/** Fine parallel waves over a box, as cubic curves. */
export function waves({ x, y, width, height }: Box): string {
  const gap = 3.4
  const half = width / 12
  let d = ''
  for (let line = 0; line * gap <= height; line += 1) {
    const base = y + line * gap
    let swing = line % 2 === 0 ? 2.4 : -2.4
    d += `M${fixed(x)} ${fixed(base)}`
    for (let piece = 0; piece < 12; piece += 1) {
      const left = x + piece * half
      d += `C${fixed(left + half * 0.36)} ${fixed(base + swing)} ${fixed(left + half * 0.64)} ${fixed(base + swing)} ${fixed(left + half)} ${fixed(base)}`
      swing = -swing
    }
  }
  return d
}
