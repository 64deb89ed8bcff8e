/** Certificates and lists that the seeds of several targets share: a root, an authority below it, and end entities. */
import type { Certificate } from '../src/certificate.ts'
import { buildCertificate, type CertificateInput, keyIdentifier } from '../src/certificate-builder.ts'
import { type CertificateList, parseCertificateList } from '../src/crl.ts'
import { buildCertificateList, type CertificateListInput } from '../src/crl-build.ts'
import { createDistinguishedName } from '../src/distinguished-name.ts'
import { testProfiles } from '../src/lib/certificates/test-profiles.ts'
import type { Signer } from '../src/signer.ts'
import { type SeedKind, seedKey, seedKinds, seedSigner } from './keys.ts'

/** The moment at which everything the seeds say is in force. */
export const seedTime: Date = new Date('2026-06-01T00:00:00Z')

/** What there is of one kind of key. */
export interface SeedAuthority {
  readonly root: Certificate
  readonly middle: Certificate
  readonly leaf: Certificate
  readonly leafSigner: Signer
  readonly timestampSigner: Signer
  /** Those that may say whether a certificate of the middle authority is revoked: itself, and its delegate. */
  readonly statusSigners: readonly [Signer, Signer]
  /** Lists of both authorities without an entry. */
  readonly crls: readonly CertificateList[]
  list(issuer: 'root' | 'middle', revoked?: CertificateListInput['revoked']): Promise<Uint8Array>
}

const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') }
const authorities = new Map<SeedKind, Promise<SeedAuthority>>()

/** The authority of this kind of key, made once. */
export function seedAuthority(kind: SeedKind): Promise<SeedAuthority> {
  const known = authorities.get(kind) ?? build(kind)
  authorities.set(kind, known)
  return known
}

/** The authorities of every kind. */
export function seedAuthorities(): Promise<SeedAuthority[]> {
  return Promise.all(seedKinds.map(seedAuthority))
}

async function build(kind: SeedKind): Promise<SeedAuthority> {
  const [rootKey, leafKey] = [seedKey(kind, 'root'), seedKey(kind, 'leaf')]
  const ca = { keyUsage: ['keyCertSign', 'cRLSign'], authority: {} } as const
  const issue = (subject: string, serialNumber: string, signer: Signer | undefined, rest: Partial<CertificateInput>) =>
    buildCertificate(
      {
        subject: name(`${subject} ${kind}`),
        issuer: signer?.certificateChain[0].subject ?? name(`${subject} ${kind}`),
        publicKey: leafKey.publicKey,
        serialNumber,
        keyUsage: [],
        ...dates,
        ...(signer ? { authorityKeyIdentifier: keyIdentifier(signer.certificateChain[0].publicKey) } : {}),
        ...rest,
      },
      signer ?? rootKey,
    )
  const root = await issue('样例根', '01', undefined, { ...ca, publicKey: rootKey.publicKey })
  const rootSigner = seedSigner(rootKey, [root])
  // One key for both authorities would make a path ambiguous: the middle one has a key of another kind.
  const middleKey = seedKey(kind === 'ed25519' ? 'p256' : 'ed25519', 'middle')
  const middle = await issue('样例中间', '02', rootSigner, { ...ca, publicKey: middleKey.publicKey })
  const middleSigner = seedSigner(middleKey, [middle, root])
  const urls = { crlUrl: 'http://127.0.0.1/ca.crl', ocspUrl: 'http://127.0.0.1/ocsp' }
  const leaf = await issue('样例签章人', '0301', middleSigner, { ...testProfiles['document-signing'], ...urls })
  const delegate = await issue('样例状态查询', '0303', middleSigner, testProfiles.ocsp)
  const timestamping = await issue('样例时间戳', '0302', middleSigner, testProfiles.timestamping)
  const list: SeedAuthority['list'] = (issuer, revoked = []) =>
    buildCertificateList({
      issuer: issuer === 'root' ? rootSigner : middleSigner,
      thisUpdate: new Date('2026-05-30T00:00:00Z'),
      nextUpdate: new Date('2026-06-06T00:00:00Z'),
      number: 7,
      revoked,
    })
  return {
    root,
    middle,
    leaf,
    leafSigner: seedSigner(leafKey, [leaf, middle, root]),
    statusSigners: [middleSigner, seedSigner(leafKey, [delegate, middle])],
    timestampSigner: seedSigner(leafKey, [timestamping, middle, root]),
    crls: [parseCertificateList(await list('root')), parseCertificateList(await list('middle'))],
    list,
  }
}

function name(commonName: string) {
  return createDistinguishedName([
    ['C', 'CN'],
    ['O', '样例 TEST ONLY'],
    ['CN', commonName],
  ])
}
