/** A path of two authorities with responders and lists, for the tests of how its revocation is found out. */
import { fixedClock } from '@zhicheng/core'
import type { Certificate } from '../src/certificate.ts'
import type { CertificateList } from '../src/certificate-list.ts'
import {
  type CertificatePathInput,
  type CertificatePathResult,
  verifyCertificatePath,
} from '../src/certificate-path.ts'
import { parseCertificateList } from '../src/crl.ts'
import { buildCertificateList } from '../src/crl-build.ts'
import { answerCertificateStatusRequest, type KnownCertificateStatus } from '../src/ocsp-answer.ts'
import { requestCertificateStatus } from '../src/ocsp-request.ts'
import { type OcspResponse, parseOcspResponse } from '../src/ocsp-response.ts'
import type { RevocationEvidence, RevocationQuestion, RevocationSource } from '../src/revocation-source.ts'
import type { Signer } from '../src/signer.ts'
import { createTestAuthority, type TestAuthority } from '../src/testing.ts'

export const time: Date = new Date('2026-05-06T07:08:09Z')
export const clock: ReturnType<typeof fixedClock> = fixedClock(time)
export const hour = 3_600_000
export const later = (milliseconds: number): Date => new Date(time.getTime() + milliseconds)
export const urls = {
  root: { crlUrl: 'http://pki.example/root.crl', ocspUrl: 'http://pki.example/root' },
  middle: { crlUrl: 'http://pki.example/middle.crl', ocspUrl: 'http://pki.example/middle' },
} as const

export let root: TestAuthority
export let middle: TestAuthority
export let leaf: Certificate
export const responders: Map<TestAuthority, Signer> = new Map()

/** Makes the path and its responders, once for each file of tests. */
export async function prepareRevocation(): Promise<void> {
  root = await createTestAuthority({ algorithm: 'sm2', name: '样例根', clock, ...urls.root })
  middle = await root.createIntermediate({ commonName: '样例中间', ...urls.middle })
  const { certificateChain } = await middle.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
  leaf = certificateChain[0]
  for (const authority of [root, middle]) responders.set(authority, await authority.createOcspResponder())
}

export const good: KnownCertificateStatus = { status: 'good' }
export const revokedAt = (at: Date): KnownCertificateStatus => ({ status: 'revoked', at, reason: 'superseded' })

export const answerFor = (
  authority: TestAuthority,
  request: Uint8Array,
  status: KnownCertificateStatus = good,
): Promise<Uint8Array> =>
  answerCertificateStatusRequest(request, {
    signer: responders.get(authority)!,
    issuer: authority.certificate,
    lookup: () => status,
    clock,
    validitySeconds: 3600,
  })

export async function responseOf(
  authority: TestAuthority,
  certificate: Certificate,
  status: KnownCertificateStatus = good,
): Promise<OcspResponse> {
  const request = requestCertificateStatus({ certificate, issuer: authority.certificate })
  return parseOcspResponse(await answerFor(authority, request, status))
}

export const listOf = async (
  authority: TestAuthority,
  revoked: readonly { serialNumber: string; at: Date }[] = [],
): Promise<CertificateList> =>
  parseCertificateList(
    await buildCertificateList({
      issuer: authority.signer,
      thisUpdate: later(-hour),
      nextUpdate: later(24 * hour),
      number: 1,
      revoked,
    }),
  )

export async function verify(
  input: Partial<CertificatePathInput> = {},
  options: { signal?: AbortSignal } = {},
): Promise<CertificatePathResult & { codes: string[] }> {
  const intermediates = [middle.certificate]
  const result = await verifyCertificatePath(
    { leaf, intermediates, anchors: [root.certificate], at: time, usage: 'document-signing', ...input },
    options,
  )
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

/** A source that writes down what it is asked. */
export function recording(answers: (question: RevocationQuestion) => Promise<RevocationEvidence>): {
  asked: Certificate[]
  source: RevocationSource
} {
  const asked: Certificate[] = []
  const source: RevocationSource = {
    find(question) {
      asked.push(question.certificate)
      return answers(question)
    },
  }
  return { asked, source }
}

export const authorityOf = (certificate: Certificate): TestAuthority => (certificate === leaf ? middle : root)

/** Finds an OCSP response about the certificate. */
export const byResponse = async ({ certificate }: RevocationQuestion): Promise<{ ocspResponses: OcspResponse[] }> => ({
  ocspResponses: [await responseOf(authorityOf(certificate), certificate)],
})

/** Finds the list of the certificate's issuer. */
export const byList = async ({ certificate }: RevocationQuestion): Promise<{ crls: CertificateList[] }> => ({
  crls: [await listOf(authorityOf(certificate))],
})
