/** Texts for what verified structures claim, so that two acceptances can be compared. */
import type { Certificate } from '../src/certificate.ts'

/** A text in which every byte string, date and number of a value shows. */
export function describeValue(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, plain: unknown) {
    // Read from its holder, because a Buffer has turned itself into an object of numbers by now.
    const inner = this[key] instanceof Uint8Array ? this[key] : plain
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString('hex')
    if (typeof inner === 'bigint') return `${inner}n`
    if (inner instanceof Set) return [...inner]
    return inner
  })
}

/** What a certificate claims: the bytes that were signed, and everything read from them, but not the signature itself. */
export function describeCertificate(certificate: Certificate): string {
  const { der: _der, signature: _signature, signatureAlgorithm: _algorithm, ...rest } = certificate
  return describeValue(rest)
}
