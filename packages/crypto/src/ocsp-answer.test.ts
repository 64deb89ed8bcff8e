import { utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { extension } from '../test/ocsp-builder.ts'
import { answer, pairOf, prepareWorlds, worlds } from '../test/ocsp-worlds.ts'
import { der } from './der.ts'
import { refuseCertificateStatusRequest } from './ocsp-answer.ts'
import { parseCertificateStatusRequest, requestCertificateStatus } from './ocsp-request.ts'
import { parseOcspResponse } from './ocsp-response.ts'

beforeAll(prepareWorlds)

describe('the responder', () => {
  const statusOf = (bytes: Uint8Array): unknown => {
    try {
      return parseOcspResponse(bytes)
    } catch (error) {
      return (error as { facts: unknown }).facts
    }
  }

  it.each(['malformedRequest', 'internalError', 'tryLater', 'sigRequired', 'unauthorized'] as const)(
    'refuses with %s',
    (refusal) => {
      expect(() => parseOcspResponse(refuseCertificateStatusRequest(refusal))).toThrow(
        expect.objectContaining({
          code: 'ERR_OCSP_REFUSED',
          facts: { status: refusal },
          retryable: refusal === 'tryLater' || refusal === 'internalError',
          outcome: 'refused',
        }),
      )
    },
  )

  it('calls what is no request malformed', async () => {
    const id = parseCertificateStatusRequest(requestCertificateStatus(pairOf('p256'))).certificateIds[0]!.der
    const demanding = der.sequence(
      der.sequence(
        der.sequence(der.sequence(id)),
        der.explicit(2, der.sequence(extension('1.2.3.4', der.null(), true))),
      ),
    )
    const longNonce = der.sequence(
      der.sequence(
        der.sequence(der.sequence(id)),
        der.explicit(2, der.sequence(extension('1.3.6.1.5.5.7.48.1.2', der.octetString(new Uint8Array(500))))),
      ),
    )
    for (const request of [utf8('please'), new Uint8Array(), demanding, longNonce, new Uint8Array(70_000)]) {
      expect(statusOf(await answer('p256', request))).toEqual({ status: 'malformedRequest' })
    }
  })

  it('repeats a nonce as it came, also without the OCTET STRING that belongs around it', async () => {
    const id = parseCertificateStatusRequest(requestCertificateStatus(pairOf('p256'))).certificateIds[0]!.der
    for (const value of [Uint8Array.of(1, 2, 3, 4), der.octetString(Uint8Array.of(5, 6, 7, 8))]) {
      const extensions = der.explicit(2, der.sequence(extension('1.3.6.1.5.5.7.48.1.2', value)))
      const request = der.sequence(der.sequence(der.sequence(der.sequence(id)), extensions))
      const response = parseOcspResponse(await answer('p256', request))
      expect(response.extensions).toEqual([{ oid: '1.3.6.1.5.5.7.48.1.2', critical: false, value }])
      expect(response.nonce).toEqual(parseCertificateStatusRequest(request).nonce)
    }
  })

  it('does not speak for certificates of another issuer', async () => {
    expect(statusOf(await answer('p256', requestCertificateStatus(pairOf('rsa'))))).toEqual({ status: 'unauthorized' })
  })

  it('does not speak for some certificates of a request and leave out the rest', async () => {
    const ids = (['p256', 'rsa'] as const).map((kind) => {
      const [id] = parseCertificateStatusRequest(requestCertificateStatus(pairOf(kind))).certificateIds
      return der.sequence(id!.der)
    })
    const request = (...entries: readonly Uint8Array[]) => der.sequence(der.sequence(der.sequence(...entries)))
    expect(parseOcspResponse(await answer('p256', request(ids[0]!, ids[0]!))).statuses).toHaveLength(2)
    expect(statusOf(await answer('p256', request(...ids)))).toEqual({ status: 'unauthorized' })
  })

  it('does not work with a signer that may not answer', async () => {
    const { authority } = worlds.p256
    const platform = await authority.createSigner({ commonName: '样例', profile: 'platform' })
    for (const signer of [platform, worlds.rsa.responder, worlds.rsa.authority.signer]) {
      await expect(answer('p256', requestCertificateStatus(pairOf('p256')), { signer })).rejects.toMatchObject({
        code: 'ERR_CERTIFICATE_INVALID',
      })
    }
  })
})
