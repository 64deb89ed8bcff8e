import { beforeAll, describe, expect, it } from 'vitest'
import { wrapBasicResponse } from '../test/ocsp-builder.ts'
import { answer, build, names, nonce, pairOf, prepareWorlds, time, verify, worlds } from '../test/ocsp-worlds.ts'
import { der, parseDer } from './der.ts'
import { parseCertificateStatusRequest, requestCertificateStatus } from './ocsp-request.ts'
import { parseOcspResponse } from './ocsp-response.ts'

beforeAll(prepareWorlds)

describe('a response', () => {
  it.each(names)('with any byte changed is never good: %s', async (kind) => {
    const bytes = await answer(kind, requestCertificateStatus(pairOf(kind), { nonce }))
    expect(await verify(kind, bytes, { nonce })).toMatchObject({ status: 'good', codes: [] })
    let refused = 0
    for (let index = 0; index < bytes.length; index += 1) {
      for (const mask of [0x01, 0xff]) {
        const changed = bytes.slice()
        changed[index]! ^= mask
        try {
          // A changed nonce that is no longer one is found out by the signature, not by its absence.
          const { status, findings } = await verify(kind, changed, { nonce })
          if (status !== 'good') {
            expect(findings.length).toBeGreaterThan(0)
            refused += 1
          }
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(DER|OCSP|CRYPTO)_/) })
          refused += 1
        }
      }
    }
    expect(refused).toBe(2 * bytes.length)
  })

  it('without a signature, cut, or with something behind it is refused with a code', async () => {
    const bytes = await build()
    const code = expect.objectContaining({ code: expect.stringMatching(/^ERR_(DER|OCSP)_INVALID$/) })
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => parseOcspResponse(bytes.subarray(0, length))).toThrow(code)
    }
    const [, wrapped] = parseDer(bytes).children
    const basic = parseDer(wrapped!.children[0]!.children[1]!.content)
    const [tbs, algorithm] = basic.children
    for (const hostile of [
      wrapBasicResponse(der.sequence(tbs!.bytes)),
      wrapBasicResponse(der.sequence(tbs!.bytes, algorithm!.bytes)),
      wrapBasicResponse(der.sequence(basic.content, der.null())),
      Uint8Array.of(...bytes, 0),
      der.sequence(der.enumerated(0)),
      der.sequence(der.integer(0), wrapped!.bytes),
    ]) {
      expect(() => parseOcspResponse(hostile)).toThrow(code)
    }
    const unsigned = wrapBasicResponse(der.sequence(tbs!.bytes, algorithm!.bytes, der.bitString(new Uint8Array())))
    expect(
      await verify('p256', unsigned, { responderCertificates: worlds.p256.responder.certificateChain }),
    ).toMatchObject({
      status: 'unknown',
      usable: false,
    })
  })

  it('that is huge, deep or crowded is refused with a code', async () => {
    let deep: Uint8Array = der.null()
    for (let level = 0; level < 500; level += 1) deep = der.sequence(deep)
    const id = parseCertificateStatusRequest(requestCertificateStatus(pairOf('p256'))).certificateIds[0]!.der
    const single = der.sequence(id, der.implicit(0, der.null()), der.generalizedTime(time))
    const crowd = wrapBasicResponse(
      der.sequence(
        der.sequence(
          der.explicit(2, der.octetString(new Uint8Array(20))),
          der.generalizedTime(time),
          der.sequence(Array.from({ length: 1001 }, () => single)),
        ),
        der.sequence(der.oid('1.2.840.10045.4.3.2')),
        der.bitString(new Uint8Array(8)),
      ),
    )
    for (const bytes of [new Uint8Array(1_048_577), wrapBasicResponse(deep), deep, crowd]) {
      expect(() => parseOcspResponse(bytes)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_(DER|OCSP)_INVALID$/) }),
      )
    }
  })
})
