/** Numbers that a seed decides: the same seed gives the same inputs on every machine. */
import { createHash } from 'node:crypto'

/** A sequence of random choices. */
export interface Random {
  /** An integer from 0 up to, and without, `limit`. */
  below(limit: number): number
  pick<Item>(items: readonly Item[]): Item
  bytes(length: number): Uint8Array
  /** True once in `odds` times. */
  oneIn(odds: number): boolean
}

/** The sequence that belongs to a text (sfc32, whose state is the text's SHA-256). */
export function createRandom(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest()
  const state = new Uint32Array(4)
  for (let index = 0; index < 4; index += 1) state[index] = digest.readUInt32LE(index * 4)
  const next = (): number => {
    const [a, b, c, d] = state as unknown as [number, number, number, number]
    const sum = (a + b + d) >>> 0
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + sum
    state[3] = d + 1
    return sum
  }
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit)
  return {
    below,
    pick: (items) => items[below(items.length)]!,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    oneIn: (odds) => below(odds) === 0,
  }
}
