/** The memory that a worker and its watchdog share: which input is being run, so that one which never ends is not lost. */

/** Fields of the header, as indices of 32-bit integers. */
export const sharedField = { sequence: 0, target: 1, length: 2, stop: 3 } as const

const headerBytes = 16

/** Shared memory for inputs up to this length. */
export function createShared(maxInputBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + maxInputBytes)
}

/** Notes the input that is run next. */
export function noteInput(shared: SharedArrayBuffer, target: number, input: Uint8Array): void {
  const header = new Int32Array(shared, 0, 4)
  new Uint8Array(shared, headerBytes).set(input)
  Atomics.store(header, sharedField.target, target)
  Atomics.store(header, sharedField.length, input.length)
  Atomics.add(header, sharedField.sequence, 1)
}

/** The input that is being run. */
export function notedInput(shared: SharedArrayBuffer): { sequence: number; target: number; input: Uint8Array } {
  const header = new Int32Array(shared, 0, 4)
  const length = Atomics.load(header, sharedField.length)
  return {
    sequence: Atomics.load(header, sharedField.sequence),
    target: Atomics.load(header, sharedField.target),
    input: new Uint8Array(shared, headerBytes, length).slice(),
  }
}
