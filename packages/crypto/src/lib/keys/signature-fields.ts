/** How certificates and lists show the algorithm of their signature. */
import type { DerNode } from '../../der.ts'
import { type NamedSignatureAlgorithm, parseSignatureAlgorithm } from './algorithm-identifier.ts'

/** The algorithm, and the salt where it is RSA-PSS. */
export interface SignatureFields {
  readonly signatureAlgorithm: NamedSignatureAlgorithm
  readonly signatureSaltLength?: number
}

/** Reads an AlgorithmIdentifier into these fields. */
export function signatureFields(identifier: DerNode | undefined): SignatureFields {
  const { algorithm, saltLength } = parseSignatureAlgorithm(identifier)
  if (saltLength === undefined) return { signatureAlgorithm: algorithm }
  return { signatureAlgorithm: algorithm, signatureSaltLength: saltLength }
}
