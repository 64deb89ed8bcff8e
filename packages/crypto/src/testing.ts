/**
 * A small certificate authority for tests and the sandbox (`@zhicheng/crypto/testing`). Every name it writes carries
 * 测试专用 / TEST ONLY, so that nothing made with it passes for real.
 */
import { type Clock, systemClock } from '@zhicheng/core'
import { type Certificate, formatCertificatePem, parseCertificate, parseCertificates } from './certificate.ts'
import { buildCertificate, type CertificateInput } from './certificate-builder.ts'
import type { RevocationReason } from './crl.ts'
import { buildCertificateList } from './crl-build.ts'
import { createDistinguishedName, type DistinguishedName } from './distinguished-name.ts'
import { type GeneratedKeyKind, generateKeyPair } from './generate-key-pair.ts'
import { type TestProfile, testProfiles } from './lib/certificates/test-profiles.ts'
import type { KnownCertificateStatus } from './ocsp-answer.ts'
import { pemSigner } from './pem-signer.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { defaultAlgorithm, type PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'

export type { TestProfile } from './lib/certificates/test-profiles.ts'
export { createTestDigestSigner, type DigestSigner } from './lib/keys/digest-signature.ts'

/** Options of {@link createTestAuthority}. */
export interface TestAuthorityOptions {
  algorithm: GeneratedKeyKind
  /** Common name of the authority. */
  name: string
  clock?: Clock
  /** Where its certificates say that the CRL lies. */
  crlUrl?: string
  /** Where its certificates say that the OCSP responder is. */
  ocspUrl?: string
}

/** Options of {@link TestAuthority.createIntermediate}. */
export interface TestIntermediateOptions {
  commonName: string
  /** How many further authorities may stand below it; any number by default. */
  pathLength?: number
  /** Like the authority above by default. */
  algorithm?: GeneratedKeyKind
  /** For the certificates that the intermediate itself issues. */
  crlUrl?: string
  ocspUrl?: string
}

/** What a test certificate shall say. */
export interface TestSubject {
  commonName: string
  /** 样例单位 by default. */
  organization?: string
  /** Unified social credit code (统一社会信用代码), written as organizationIdentifier NTRCN-… (EN 319 412-1, 5.1.4). */
  uscc?: string
  profile: TestProfile
  /** Days of validity; 365 by default. */
  days?: number
}

/** A revoked certificate of a test authority; `at` in ISO 8601. */
export interface SavedRevocation {
  serialNumber: string
  at: string
  reason?: RevocationReason
}

/** All of a test authority as JSON. The key is not encrypted: it is a test key. */
export interface SavedTestAuthority {
  certificatePem: string
  privateKeyPem: string
  /** The authorities above an intermediate, up to the root. */
  issuersPem?: string
  crlUrl?: string
  ocspUrl?: string
  crlNumber: number
  revoked: readonly SavedRevocation[]
}

/** A test authority. */
export interface TestAuthority {
  readonly certificate: Certificate
  /** Signs with the authority's key: for CRLs and OCSP answers. Its chain goes up to the root. */
  readonly signer: Signer
  issue(request: TestSubject & { publicKey: PublicKey }): Promise<Certificate>
  /** Generates a key, issues a certificate for it, and gives a signer of both. */
  createSigner(
    request: TestSubject & { algorithm?: GeneratedKeyKind },
  ): Promise<Signer & { readonly privateKeyPem: string }>
  /** An authority below this one, with a key of its own; it keeps its own list of revocations. */
  createIntermediate(options: TestIntermediateOptions): Promise<TestAuthority>
  /** A signer that may answer OCSP requests for this authority, and is itself exempt from being looked up. */
  createOcspResponder(request?: {
    commonName?: string
    algorithm?: GeneratedKeyKind
  }): Promise<Signer & { readonly privateKeyPem: string }>
  /** What an OCSP answer says: revoked, or good. A test authority does not remember which numbers it gave out. */
  lookup(serialNumber: string): KnownCertificateStatus
  /** Puts a serial number on the next CRL. */
  revoke(serialNumber: string, at?: Date, reason?: RevocationReason): void
  /** A fresh CRL in DER, valid for seven days. */
  currentCrl(): Promise<Uint8Array>
  /** Everything needed to go on later: see {@link importTestAuthority}. */
  export(): SavedTestAuthority
}

const day = 86_400_000
const kinds: Readonly<Partial<Record<SignatureAlgorithm, GeneratedKeyKind>>> = {
  'ecdsa-p256-sha256': 'ec-p256',
  'sm2-sm3': 'sm2',
}
const mark = '测试专用 TEST ONLY'
const authorityName = '支撑样例认证机构'

/**
 * Makes a root authority with a new key, valid for ten years.
 *
 * @example
 * ```ts
 * const authority = await createTestAuthority({ algorithm: 'sm2', name: '样例 SM2 根' })
 * const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
 * ```
 */
export async function createTestAuthority(options: TestAuthorityOptions): Promise<TestAuthority> {
  const { algorithm, name, clock = systemClock, crlUrl, ocspUrl } = options
  const { privateKeyPem, publicKey } = await generateKeyPair(algorithm)
  const privateKey = parsePrivateKey(privateKeyPem)
  const subject = testName({ commonName: name, organization: authorityName })
  const certificate = await buildCertificate(
    { ...authorityFields(clock, 3650), subject, issuer: subject, publicKey },
    {
      algorithm: defaultAlgorithm(privateKey.kind),
      sign: (message) => createSignature({ privateKey, message }),
    },
  )
  const saved = { certificatePem: formatCertificatePem(certificate), privateKeyPem, crlNumber: 0, revoked: [] }
  return importTestAuthority({ ...saved, ...addresses({ crlUrl, ocspUrl }) }, { clock })
}

/** Takes up an authority that `export()` gave. Throws as `pemSigner` does. */
export function importTestAuthority(
  saved: SavedTestAuthority,
  { clock = systemClock }: { clock?: Clock } = {},
): TestAuthority {
  const { certificatePem, privateKeyPem, issuersPem } = saved
  const urls = addresses(saved)
  const certificate = parseCertificate(certificatePem)
  const chain = [certificate, ...(issuersPem ? parseCertificates(issuersPem) : [])] as const
  const signer = pemSigner({ key: privateKeyPem, certificateChain: chain })
  const revoked = new Map(saved.revoked.map((entry) => [entry.serialNumber, entry]))
  const ownKind = kinds[signer.algorithm] ?? 'rsa-2048'
  const { subjectKeyIdentifier } = certificate
  const keyOfIssuer = subjectKeyIdentifier ? { authorityKeyIdentifier: subjectKeyIdentifier } : {}
  let { crlNumber } = saved

  async function issue(request: TestSubject & { publicKey: PublicKey }): Promise<Certificate> {
    const { publicKey, profile, days = 365 } = request
    const now = clock.now().getTime()
    const input: CertificateInput = {
      subject: testName(request),
      issuer: certificate.subject,
      publicKey,
      notBefore: new Date(now - day / 24),
      notAfter: new Date(now + days * day),
      ...testProfiles[profile],
      ...keyOfIssuer,
      ...urls,
    }
    return buildCertificate(input, signer)
  }

  async function createSigner(
    request: TestSubject & { algorithm?: GeneratedKeyKind },
  ): Promise<Signer & { readonly privateKeyPem: string }> {
    const pair = await generateKeyPair(request.algorithm ?? ownKind)
    const issued = await issue({ ...request, publicKey: pair.publicKey })
    const own = pemSigner({ key: pair.privateKeyPem, certificateChain: [issued, ...chain] })
    return { ...own, privateKeyPem: pair.privateKeyPem }
  }

  return {
    certificate,
    signer,
    issue,

    createSigner,

    async createIntermediate({ commonName, pathLength, algorithm = ownKind, crlUrl, ocspUrl }) {
      const pair = await generateKeyPair(algorithm)
      const issued = await buildCertificate(
        {
          ...authorityFields(clock, 1825, pathLength),
          subject: testName({ commonName, organization: authorityName }),
          issuer: certificate.subject,
          publicKey: pair.publicKey,
          ...keyOfIssuer,
          ...urls,
        },
        signer,
      )
      const below = {
        certificatePem: formatCertificatePem(issued),
        privateKeyPem: pair.privateKeyPem,
        issuersPem: chain.map(formatCertificatePem).join(''),
        crlNumber: 0,
        revoked: [],
      }
      return importTestAuthority({ ...below, ...addresses({ crlUrl, ocspUrl }) }, { clock })
    },

    createOcspResponder: ({ commonName = '样例证书状态服务', ...request } = {}) =>
      createSigner({ ...request, commonName, profile: 'ocsp' }),

    lookup(serialNumber) {
      const entry = revoked.get(serialNumber)
      if (!entry) return { status: 'good' }
      const { at, reason } = entry
      return { status: 'revoked', at: new Date(at), ...(reason ? { reason } : {}) }
    },

    revoke(serialNumber, at = clock.now(), reason) {
      revoked.set(serialNumber, { serialNumber, at: at.toISOString(), ...(reason ? { reason } : {}) })
    },

    async currentCrl() {
      const thisUpdate = clock.now()
      crlNumber += 1
      return buildCertificateList({
        issuer: signer,
        thisUpdate,
        nextUpdate: new Date(thisUpdate.getTime() + 7 * day),
        number: crlNumber,
        revoked: [...revoked.values()].map((entry) => ({ ...entry, at: new Date(entry.at) })),
      })
    },

    export: () => ({
      certificatePem,
      privateKeyPem,
      ...(issuersPem === undefined ? {} : { issuersPem }),
      ...urls,
      crlNumber,
      revoked: [...revoked.values()],
    }),
  }
}

/** What the certificates of all authorities have. */
function authorityFields(
  clock: Clock,
  days: number,
  pathLength?: number,
): Pick<CertificateInput, 'notBefore' | 'notAfter' | 'keyUsage' | 'authority'> {
  const now = clock.now().getTime()
  return {
    notBefore: new Date(now - day),
    notAfter: new Date(now + days * day),
    keyUsage: ['keyCertSign', 'cRLSign'],
    authority: pathLength === undefined ? {} : { pathLength },
  }
}

function addresses({ crlUrl, ocspUrl }: { crlUrl?: string | undefined; ocspUrl?: string | undefined }): {
  crlUrl?: string
  ocspUrl?: string
} {
  return { ...(crlUrl === undefined ? {} : { crlUrl }), ...(ocspUrl === undefined ? {} : { ocspUrl }) }
}

function testName({ commonName, organization = '样例单位', uscc }: Omit<TestSubject, 'profile'>): DistinguishedName {
  return createDistinguishedName([
    ['C', 'CN'],
    ['O', organization],
    ...(uscc === undefined ? [] : [['organizationIdentifier', `NTRCN-${uscc}`] as const]),
    ['OU', mark],
    ['CN', commonName],
  ])
}
