/** Bugs planted on purpose: they show that the fuzzer finds what it is there to find. */
import { parseCertificate } from '../src/certificate.ts'
import { describeCertificate } from './claims.ts'
import type { Outcome, Target } from './target.ts'

/** Kinds of bugs that can be planted. */
export const plants = ['accept', 'crash', 'slow', 'hang'] as const

/** A kind of bug. */
export type Plant = (typeof plants)[number]

/** The target `certificate` with a bug; every other target as it is. */
export function plantBug(target: Target, plant: Plant | undefined): Target {
  if (plant === undefined || target.name !== 'certificate') return target
  return { ...target, run: (input) => (plant === 'accept' ? acceptUnsigned(input) : misbehave(input, plant)) }
}

// A verifier that takes a certificate for signed as soon as its signature has a usual length.
function acceptUnsigned(input: Uint8Array): Outcome {
  const certificate = parseCertificate(input)
  return {
    accepted: certificate.signature.length >= 64,
    label: 'planted',
    claims: [describeCertificate(certificate)],
  }
}

// No seed ends in two zeros.
function misbehave(input: Uint8Array, plant: 'crash' | 'slow' | 'hang'): Outcome {
  if (input.at(-1) === 0 && input.at(-2) === 0) {
    if (plant === 'crash') throw new TypeError('planted')
    const limit = plant === 'slow' ? 130_000 : Number.POSITIVE_INFINITY
    const start = process.threadCpuUsage()
    while (process.threadCpuUsage(start).user < limit);
  }
  parseCertificate(input)
  return { accepted: true, label: 'planted' }
}
