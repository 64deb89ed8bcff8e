/** Inflating in small steps, so that no more memory is used than a step can give, and none after the promised length. */
import { Inflate } from 'fflate'
import { formatsError } from '../errors.ts'

/** One step's input; the output of a step is at most 1032 times as long (RFC 1951). */
const stepBytes = 16_384

/**
 * What the exact version of fflate this package depends on keeps of a stream: input not yet used (`p`), and of the
 * format the bits used of its first byte (`p`), whether the last block was begun (`f`) and the table of an open block (`l`).
 */
interface InflateState {
  p: Uint8Array
  s: { p?: number; f?: number; l?: unknown }
}

/**
 * Inflates a stream that must give exactly `size` bytes and use all of its input. Throws `ERR_ZIP_SIZE_MISMATCH` as soon
 * as it gives more, and `ERR_ZIP_DEFLATE` when it is damaged or goes on after its end.
 */
export async function* inflate(
  input: AsyncIterable<Uint8Array>,
  { size, name }: { size: number; name: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  let produced: Uint8Array[] = []
  let length = 0
  const engine = new Inflate((chunk) => {
    if (chunk.length > 0) produced.push(chunk)
  })
  const step = (chunk: Uint8Array, final: boolean): Uint8Array[] => {
    try {
      engine.push(chunk, final)
    } catch (cause) {
      throw formatsError('ERR_ZIP_DEFLATE', `The compressed data of "${name}" is damaged.`, { cause, facts: { name } })
    }
    const out = produced
    produced = []
    for (const part of out) length += part.length
    if (length > size) {
      throw formatsError('ERR_ZIP_SIZE_MISMATCH', `"${name}" is longer than the ${size} bytes it promises.`, {
        facts: { name, size },
      })
    }
    return out
  }
  for await (const chunk of input) {
    for (let offset = 0; offset < chunk.length; offset += stepBytes) {
      yield* step(chunk.subarray(offset, offset + stepBytes), false)
    }
  }
  yield* step(new Uint8Array(), true)
  const { p: rest, s: state } = engine as unknown as InflateState
  const complete = Boolean(state.f) && !state.l
  if (!complete || rest.length > (state.p ? 1 : 0)) {
    const what = complete ? 'goes on after its end' : 'ends too early'
    throw formatsError('ERR_ZIP_DEFLATE', `The compressed data of "${name}" ${what}.`, { facts: { name } })
  }
  if (length !== size) {
    throw formatsError('ERR_ZIP_SIZE_MISMATCH', `"${name}" has ${length} bytes, not the ${size} it promises.`, {
      facts: { name, size, length },
    })
  }
}
