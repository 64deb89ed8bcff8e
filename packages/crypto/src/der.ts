/**
 * Strict DER (ITU-T X.690, clause 10): reading with bounds and offsets, writing with exact lengths.
 *
 * A node keeps the bytes it came from, because signatures are verified over the bytes as they lie in the file.
 */
export * from './lib/der/der-node.ts'
export * from './lib/der/der-read.ts'
export * from './lib/der/der-time.ts'
export * from './lib/der/der-write.ts'
