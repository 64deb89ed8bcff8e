/** Status answers about certificates, from an authority itself and from its delegate, and the requests for them. */
import { fixedClock, fromHex, isZhichengError } from '@zhicheng/core'
import { answerCertificateStatusRequest } from '../../src/ocsp-answer.ts'
import { processCertificateStatusResponse, requestCertificateStatus } from '../../src/ocsp-request.ts'
import { verifyOcspResponse } from '../../src/ocsp-verify.ts'
import type { Signer } from '../../src/signer.ts'
import { type SeedAuthority, seedAuthorities, seedAuthority, seedTime } from '../authority.ts'
import { describeValue } from '../claims.ts'
import type { Target } from '../target.ts'

const nonce = fromHex('07'.repeat(32))
const clock = fixedClock(seedTime)
const revoked = { status: 'revoked', at: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' } as const

const answer = (request: Uint8Array, { middle }: SeedAuthority, signer: Signer, known: typeof revoked | undefined) =>
  answerCertificateStatusRequest(request, {
    signer,
    issuer: middle,
    clock,
    validitySeconds: 3600,
    lookup: () => known ?? { status: 'good' },
  })

const question = ({ leaf, middle }: SeedAuthority) => ({ certificate: leaf, issuer: middle, nonce })

/** Accepted is an answer about the leaf that counts: it says what its signer said, and nothing else. */
export const ocspTarget: Target = {
  name: 'ocsp',
  async seeds() {
    const made = (await seedAuthorities()).map(async (authority) => {
      const request = requestCertificateStatus(question(authority), { nonce })
      return Promise.all(
        authority.statusSigners.flatMap((signer) => [
          answer(request, authority, signer, undefined),
          answer(request, authority, signer, revoked),
        ]),
      )
    })
    return (await Promise.all(made)).flat()
  },
  async run(input) {
    let label = 'not for this certificate'
    for (const authority of await seedAuthorities()) {
      try {
        const response = processCertificateStatusResponse(input, question(authority))
        const result = await verifyOcspResponse(response, { ...question(authority), at: seedTime })
        label = result.status
        if (!result.usable) continue
        const { responder, findings: _findings, ...claimed } = result
        const claims = [describeValue({ ...claimed, tbs: response.tbs, by: responder?.certificate.tbs })]
        return { accepted: true, label, claims }
      } catch (error) {
        if (!isZhichengError(error) || error.code !== 'ERR_OCSP_MISMATCH') throw error
      }
    }
    return { accepted: false, label }
  },
}

/** A responder answers whatever it is asked. */
export const ocspRequestTarget: Target = {
  name: 'ocsp-request',
  async seeds() {
    const authority = await seedAuthority('ed25519')
    return [
      requestCertificateStatus(question(authority), { nonce }),
      requestCertificateStatus(question(authority), { hashAlgorithm: 'sm3' }),
    ]
  },
  async run(input) {
    const authority = await seedAuthority('ed25519')
    const bytes = await answer(input, authority, authority.statusSigners[1], undefined)
    return { accepted: bytes.length > 16, label: bytes.length > 16 ? 'answered' : 'refused' }
  },
}
