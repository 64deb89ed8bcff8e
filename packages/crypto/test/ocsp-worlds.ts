/** Authorities of every kind of key with a responder and a certificate to ask about, for the tests of OCSP. */
import { fixedClock } from '@zhicheng/core'
import type { Certificate } from '../src/certificate.ts'
import { answerCertificateStatusRequest, type CertificateStatusAnswerOptions } from '../src/ocsp-answer.ts'
import type { CertificateWithIssuer } from '../src/ocsp-request.ts'
import { parseOcspResponse } from '../src/ocsp-response.ts'
import { type OcspVerification, type OcspVerificationInput, verifyOcspResponse } from '../src/ocsp-verify.ts'
import type { Signer } from '../src/signer.ts'
import { createTestAuthority, type TestAuthority } from '../src/testing.ts'
import { type BuiltEntry, type BuiltResponse, buildOcspResponse } from './ocsp-builder.ts'

export const time: Date = new Date('2026-05-06T07:08:09Z')
export const clock: ReturnType<typeof fixedClock> = fixedClock(time)
export const hour = 3_600_000
export const later = (milliseconds: number): Date => new Date(time.getTime() + milliseconds)
export const nonce: Uint8Array = new Uint8Array(32).fill(7)

const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
type Kind = keyof typeof kinds
export const names: readonly Kind[] = Object.keys(kinds) as Kind[]

interface World {
  authority: TestAuthority
  responder: Signer
  leaf: Certificate
}

export const worlds = {} as Record<Kind, World>

/** Makes the worlds, once for each file of tests. */
export async function prepareWorlds(): Promise<void> {
  for (const kind of names) {
    const authority = await createTestAuthority({ algorithm: kinds[kind], name: `样例根 ${kind}`, clock })
    const { certificateChain } = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    worlds[kind] = { authority, responder: await authority.createOcspResponder(), leaf: certificateChain[0] }
  }
}

/** The certificate to ask about, and its issuer. */
export const pairOf = (kind: Kind): CertificateWithIssuer => ({
  certificate: worlds[kind].leaf,
  issuer: worlds[kind].authority.certificate,
})

/** What the delegated responder answers: good, for an hour. */
export const answer = (
  kind: Kind,
  request: Uint8Array,
  change: Partial<CertificateStatusAnswerOptions> = {},
): Promise<Uint8Array> =>
  answerCertificateStatusRequest(request, {
    signer: worlds[kind].responder,
    issuer: worlds[kind].authority.certificate,
    lookup: () => ({ status: 'good' }),
    clock,
    validitySeconds: 3600,
    ...change,
  })

export async function verify(
  kind: Kind,
  bytes: Uint8Array,
  change: Partial<OcspVerificationInput> = {},
): Promise<OcspVerification & { codes: string[] }> {
  const result = await verifyOcspResponse(parseOcspResponse(bytes), { ...pairOf(kind), at: time, ...change })
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

/** What a response of the P-256 world says about its certificate. */
export const entry = (change: Partial<BuiltEntry> = {}): BuiltEntry => ({
  ...pairOf('p256'),
  thisUpdate: time,
  nextUpdate: later(hour),
  ...change,
})

/** A response of the responder of the P-256 world, in DER. */
export const build = (change: Partial<BuiltResponse> = {}): Promise<Uint8Array> => {
  const { responder } = worlds.p256
  return buildOcspResponse({
    signer: responder,
    responder: responder.certificateChain[0],
    entries: [entry()],
    producedAt: time,
    ...change,
  })
}
