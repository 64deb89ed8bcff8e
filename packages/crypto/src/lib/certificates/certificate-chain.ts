/** The order of a certificate chain: the signing certificate first, then its issuers. */
import { type Certificate, isIssuedBy, parseCertificates } from '../../certificate.ts'
import { cryptoError } from '../../errors.ts'

/** A chain as signers have it. */
export type CertificateChain = readonly [Certificate, ...Certificate[]]

/** The leaf, then its issuers as far as they are among the certificates. */
export function orderChain(leaf: Certificate, certificates: readonly Certificate[]): [Certificate, ...Certificate[]] {
  const chain: [Certificate, ...Certificate[]] = [leaf]
  const rest = certificates.filter((certificate) => certificate !== leaf)
  for (;;) {
    const last = chain[chain.length - 1]!
    const next = rest.findIndex((candidate) => isIssuedBy(last, candidate))
    if (next < 0) return chain
    chain.push(...rest.splice(next, 1))
  }
}

/** Reads a chain whose first certificate is the signing one. Throws as `parseCertificates` does. */
export function readChain(input: string | Uint8Array | readonly Certificate[]): CertificateChain {
  const certificates = typeof input === 'string' || input instanceof Uint8Array ? parseCertificates(input) : input
  const [leaf] = certificates
  if (leaf) return orderChain(leaf, certificates)
  throw cryptoError('ERR_CERTIFICATE_INVALID', 'The certificate chain is empty: the signing certificate comes first.')
}
