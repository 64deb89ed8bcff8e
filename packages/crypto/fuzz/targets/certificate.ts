/** Certificates: parsed, and their signature verified with the keys of the issuers that are known. */
import { concatBytes, isZhichengError } from '@zhicheng/core'
import { type Certificate, parseCertificate, verifyCertificateSignature } from '../../src/certificate.ts'
import { verifyCertificatePath } from '../../src/certificate-path.ts'
import { seedAuthorities, seedTime } from '../authority.ts'
import { describeCertificate } from '../claims.ts'
import type { Outcome, Target } from '../target.ts'

/** Accepted is what carries the signature of a known authority, and what a path leads from to a trusted root. */
export const certificateTarget: Target = {
  name: 'certificate',
  seeds: async () => (await seedAuthorities()).flatMap(({ root, middle, leaf }) => [root.der, middle.der, leaf.der]),
  async run(input) {
    const certificate = parseCertificate(input)
    for (const { root, middle } of await seedAuthorities()) {
      for (const issuer of [root, middle]) {
        if (certificate.signatureAlgorithm === 'unknown') continue
        if (await verifyCertificateSignature(certificate, issuer.publicKey)) return genuine('signed', [certificate])
      }
    }
    return { accepted: false, label: 'not signed' }
  },
}

/** Accepted is a trusted path of certificates in force and not revoked. The input is a run of certificates, the leaf first. */
export const pathTarget: Target = {
  name: 'path',
  seeds: async () =>
    (await seedAuthorities()).flatMap(({ root, middle, leaf }) => [
      concatBytes(leaf.der, middle.der),
      concatBytes(leaf.der, root.der, middle.der),
    ]),
  async run(input) {
    const all = await seedAuthorities()
    const [leaf, ...intermediates] = splitCertificates(input)
    if (!leaf) return { accepted: false, label: 'no certificate' }
    const { status, validity, revocation, path } = await verifyCertificatePath({
      leaf,
      intermediates,
      anchors: all.map(({ root }) => root),
      crls: all.flatMap(({ crls }) => crls),
      at: seedTime,
      usage: 'document-signing',
    })
    if (status !== 'trusted') return { accepted: false, label: status }
    if (validity !== 'valid' || revocation.status !== 'good') return { accepted: false, label: revocation.status }
    return genuine('trusted', path)
  },
}

function genuine(label: string, certificates: readonly Certificate[]): Outcome {
  return { accepted: true, label, claims: certificates.map(describeCertificate) }
}

/** The certificates at the start of the bytes, up to the first that is none. */
function splitCertificates(bytes: Uint8Array): Certificate[] {
  const certificates: Certificate[] = []
  let offset = 0
  while (offset + 4 <= bytes.length && certificates.length < 40) {
    const long = bytes[offset + 1] === 0x82
    const end = offset + (long ? 4 + bytes[offset + 2]! * 256 + bytes[offset + 3]! : 2 + bytes[offset + 1]!)
    const part = bytes.subarray(offset, end)
    if (certificates.length === 0) certificates.push(parseCertificate(part))
    else {
      try {
        certificates.push(parseCertificate(part))
      } catch (error) {
        if (!isZhichengError(error)) throw error
      }
    }
    offset = end
  }
  return certificates
}
