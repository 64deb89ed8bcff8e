/** Public and private keys in DER, and certificate requests. */
import { utf8 } from '@zhicheng/core'
import { buildCertificateRequest, parseCertificateRequest } from '../../src/certificate-request.ts'
import { parseDer } from '../../src/der.ts'
import { createDistinguishedName } from '../../src/distinguished-name.ts'
import { formatPrivateKeyPem, parsePrivateKey } from '../../src/private-key.ts'
import { defaultAlgorithm, parsePublicKey, verifySignature } from '../../src/public-key.ts'
import { describeValue } from '../claims.ts'
import { type SeedKind, seedKey, seedKinds } from '../keys.ts'
import { type Target, Violation } from '../target.ts'

const message = utf8('样例')

/** Accepted is a key under which a signature verifies that was made with a key of the seeds. */
export const publicKeyTarget: Target = {
  name: 'public-key',
  seeds: () => seedKinds.map((kind) => seedKey(kind, 'leaf').publicKey.spki),
  async run(input) {
    const publicKey = parsePublicKey(input)
    if (publicKey.kind === 'other' || publicKey.kind === 'dsa') return { accepted: false, label: publicKey.kind }
    const algorithm = defaultAlgorithm(publicKey.kind)
    for (const signature of await signatures()) {
      if (await verifySignature({ algorithm, publicKey, message, signature })) {
        return { accepted: true, label: 'verifies', claims: [describeValue(publicKey.keyBytes)] }
      }
    }
    return { accepted: false, label: 'parsed' }
  },
}

let made: Promise<Uint8Array[]> | undefined

function signatures(): Promise<Uint8Array[]> {
  made ??= Promise.all(seedKinds.map((kind) => seedKey(kind, 'leaf').sign(message)))
  return made
}

/** A private key that is read can be written and read again, and is then the same. */
export const privateKeyTarget: Target = {
  name: 'private-key',
  seeds: () =>
    seedKinds.flatMap((kind: SeedKind) => {
      const { pkcs8 } = seedKey(kind, 'leaf')
      const inner = parseDer(pkcs8).children[2]!.content
      return kind === 'rsa' ? [pkcs8, inner.slice()] : [pkcs8]
    }),
  run(input) {
    const key = parsePrivateKey(input)
    const again = parsePrivateKey(formatPrivateKeyPem(key))
    if (describeValue(again) !== describeValue(key)) throw new Violation('The key, written and read again, is another.')
    return { accepted: true, label: key.kind }
  },
}

/** Accepted is a request whose signature holds: only that of a seed can. */
export const requestTarget: Target = {
  name: 'certificate-request',
  seeds: () =>
    Promise.all(
      seedKinds
        .filter((kind) => kind === 'rsa' || kind === 'ed25519')
        .map((kind) =>
          buildCertificateRequest({
            subject: createDistinguishedName([['CN', '样例']]),
            privateKey: parsePrivateKey(seedKey(kind, 'leaf').pkcs8),
          }),
        ),
    ),
  async run(input) {
    const { subject, publicKey, der } = await parseCertificateRequest(input)
    const body = parseDer(der).children[0]!.bytes
    return { accepted: true, label: 'verified', claims: [describeValue({ subject, publicKey, body })] }
  },
}
