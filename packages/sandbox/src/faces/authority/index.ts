/**
 * The test certificate authorities (测试专用): one on P-256 and one on SM2. They publish their certificates and
 * revocation lists, and issue certificates for PKCS#10 requests (RFC 2986).
 */
import { formatTime } from '@zhicheng/core'
import { formatCertificatePem, parseCertificateRequest } from '@zhicheng/crypto'
import type { TestAuthority } from '@zhicheng/crypto/testing'
import * as v from 'valibot'
import type { Face, FaceContext } from '../../face.ts'
import { bytes, json, problem, readJson, refusing } from '../../lib/answers.ts'

/** The authorities by the name they are published under. */
export type Authorities = Readonly<Record<'ca' | 'sm2-ca', TestAuthority>>

const enrolment = v.strictObject({
  authority: v.picklist(['ca', 'sm2-ca']),
  /** PKCS#10 in PEM; its signature proves that the applicant holds the key. */
  request: v.pipe(v.string(), v.maxLength(16_384)),
  profile: v.picklist(['document-signing', 'seal-making', 'timestamping', 'platform']),
  commonName: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  organization: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
})

const revocation = v.strictObject({
  authority: v.picklist(['ca', 'sm2-ca']),
  serialNumber: v.pipe(v.string(), v.regex(/^[0-9a-f]{2,40}$/)),
})

/** Makes the face. `published` are further certificates to hand out, such as the timestamp service's. */
export function createAuthorityFace(
  context: FaceContext,
  { authorities, published }: { authorities: Authorities; published: Readonly<Record<string, string>> },
): Face {
  return {
    id: 'ca',
    title: '测试证书认证机构',
    path: '/ca',
    faults: { 'ca-stale-list': 'Answers with no revocation list at all.' },
    async fetch(request) {
      const path = new URL(request.url).pathname.slice('/ca/'.length)
      if (request.method === 'GET') {
        const [, name, kind] = /^(.+)\.(pem|crl)$/.exec(path) ?? []
        const authority = name && Object.hasOwn(authorities, name) ? authorities[name as keyof Authorities] : undefined
        if (kind === 'pem' && authority)
          return bytes(formatCertificatePem(authority.certificate), 'application/x-pem-file')
        if (kind === 'pem' && name && Object.hasOwn(published, name))
          return bytes(published[name]!, 'application/x-pem-file')
        if (kind === 'crl' && authority) {
          if (context.chaos('ca-stale-list', request)) return problem(503, 'ERR_SANDBOX_CHAOS', 'No list can be had.')
          return bytes(await authority.currentCrl(), 'application/pkix-crl')
        }
      }
      if (request.method === 'POST' && path === 'enroll') return refusing(() => enroll(request, authorities))
      if (request.method === 'POST' && path === 'revoke') return refusing(() => revoke(request, authorities, context))
      return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'The authority has no such address.')
    },
  }
}

async function enroll(request: Request, authorities: Authorities): Promise<Response> {
  const input = v.safeParse(enrolment, await readJson(request, 65_536))
  if (!input.success)
    return problem(400, 'ERR_SANDBOX_BODY', 'An enrolment wants authority, request, profile and commonName.')
  const { authority, request: pem, profile, commonName, organization } = input.output
  const { publicKey } = await parseCertificateRequest(pem)
  const certificate = await authorities[authority].issue({
    publicKey,
    profile,
    commonName,
    ...(organization ? { organization } : {}),
  })
  const chain = [certificate, authorities[authority].certificate]
  return json({ certificateChain: chain.map((one) => formatCertificatePem(one)).join('') }, 201)
}

async function revoke(request: Request, authorities: Authorities, context: FaceContext): Promise<Response> {
  const input = v.safeParse(revocation, await readJson(request, 4096))
  if (!input.success) return problem(400, 'ERR_SANDBOX_BODY', 'A revocation wants authority and serialNumber.')
  const now = context.clock.now()
  authorities[input.output.authority].revoke(input.output.serialNumber, now)
  return json({ revokedAt: formatTime(now) })
}
