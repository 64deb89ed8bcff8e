/** DSA keys that leave their parameters to the key above them (RFC 3279, section 2.3.2; RFC 5280, section 6.1.4 d to f). */
import type { Certificate } from '../../certificate.ts'
import { der, parseDer } from '../../der.ts'
import { type PublicKey, parsePublicKey } from '../../public-key.ts'

/** The certificate with a key that is whole, or `undefined` where the key above has no parameters to give. */
export function inheritParameters(certificate: Certificate, above: PublicKey): Certificate | undefined {
  if (!certificate.publicKey.inheritsParameters) return certificate
  if (above.kind !== 'dsa' || above.inheritsParameters) return undefined
  const algorithm = parseDer(above.spki).children[0]!.bytes
  const spki = der.sequence(algorithm, der.bitString(certificate.publicKey.keyBytes))
  return { ...certificate, publicKey: parsePublicKey(spki) }
}
