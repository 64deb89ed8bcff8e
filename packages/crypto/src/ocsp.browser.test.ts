import { systemClock } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { verifyCertificatePath } from './certificate-path.ts'
import { answerCertificateStatusRequest } from './ocsp-answer.ts'
import { createOcspSource } from './revocation-source.ts'
import { createTestAuthority } from './testing.ts'

describe('in a browser', () => {
  it.each(['rsa-2048', 'ec-p256', 'sm2'] as const)(
    'the status of a certificate is asked and answered: %s',
    async (algorithm) => {
      const authority = await createTestAuthority({ algorithm, name: '样例根', ocspUrl: 'https://pki.example/ocsp' })
      const { certificateChain } = await authority.createSigner({
        commonName: '样例签章人',
        profile: 'document-signing',
      })
      const [leaf, issuer] = [certificateChain[0], authority.certificate]
      const signer = await authority.createOcspResponder()
      const { lookup } = authority
      const answering = { signer, issuer, lookup, clock: systemClock, validitySeconds: 60 }
      const revocation = createOcspSource({ send: (_, request) => answerCertificateStatusRequest(request, answering) })
      const question = { leaf, anchors: [issuer], at: new Date(), revocation }
      expect(await verifyCertificatePath(question)).toMatchObject({
        status: 'trusted',
        revocation: { status: 'good', source: 'ocsp' },
        findings: [],
      })
      authority.revoke(leaf.serialNumber, new Date(Date.now() - 5000))
      expect(await verifyCertificatePath(question)).toMatchObject({ revocation: { status: 'revoked', source: 'ocsp' } })
    },
  )
})
