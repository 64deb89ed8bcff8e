/** Builds the chain of a signer, with revocation from the lists that were given and from those the file carries. */
import {
  type Certificate,
  type CertificateList,
  type CertificatePathResult,
  type CertificateUsage,
  verifyCertificatePath,
} from '@zhicheng/crypto'

/** What chains are built from. */
export interface TrustMaterial {
  readonly trust: readonly Certificate[]
  readonly given: readonly CertificateList[]
  readonly embedded: readonly CertificateList[]
  readonly certificates: readonly Certificate[]
}

/** A chain and where its revocation answer comes from. */
export interface ChainResult {
  readonly path: CertificatePathResult
  readonly source: 'embedded' | 'given' | null
}

/** The chain of a certificate at a moment; undefined when nothing is trusted, for then nothing can be checked. */
export async function buildChain(
  leaf: Certificate,
  material: TrustMaterial,
  { at, usage }: { at: Date; usage: CertificateUsage },
): Promise<ChainResult | undefined> {
  const { trust, given, embedded, certificates } = material
  if (trust.length === 0) return undefined
  const verify = (crls: readonly CertificateList[]): Promise<CertificatePathResult> =>
    verifyCertificatePath({ leaf, intermediates: certificates, anchors: trust, at, crls, usage })
  const path = await verify([...given, ...embedded])
  const answered = path.revocation.status === 'good' || path.revocation.status === 'revoked'
  if (!answered) return { path, source: null }
  if (embedded.length === 0) return { path, source: 'given' }
  const alone = given.length > 0 ? await verify(given) : undefined
  return { path, source: alone?.revocation.status === path.revocation.status ? 'given' : 'embedded' }
}
