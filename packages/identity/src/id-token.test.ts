import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import { fixedClock, toBase64Url, utf8 } from '@zhicheng/core'
import type { JSONWebKeySet } from 'jose'
import { describe, expect, it } from 'vitest'
import { type IdTokenExpectation, verifyIdToken } from './id-token.ts'

// Tokens are put together by hand and signed by OpenSSL through node:crypto, so that the library that verifies is not its own witness.
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const clock = fixedClock('2026-11-24T08:00:00+08:00')
const now = clock.now().getTime() / 1000
const number = '11010519491231002X'

const claims = {
  iss: 'https://id.example',
  aud: 'window',
  sub: 'u-1',
  exp: now + 600,
  iat: now,
  nonce: 'n-1',
  id_no: number,
}

function make(
  payload: object,
  { header = {}, key = rsa.privateKey, alg = 'RS256' }: { header?: object; key?: KeyObject; alg?: string } = {},
): string {
  const encode = (value: object): string => toBase64Url(utf8(JSON.stringify(value)))
  const signed = `${encode({ alg, kid: 'k1', ...header })}.${encode(payload)}`
  const signature = createSign('sha256').update(signed).sign({ key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${toBase64Url(signature)}`
}

const jwk = (key: KeyObject, more: object) =>
  ({ ...key.export({ format: 'jwk' }), ...more }) as JSONWebKeySet['keys'][number]
const keySet = (...keys: JSONWebKeySet['keys']): JSONWebKeySet => ({ keys })
const published = keySet(jwk(rsa.publicKey, { kid: 'k1' }))

function verify(token: string, more: Partial<IdTokenExpectation> = {}): Promise<unknown> {
  return verifyIdToken(token, {
    issuer: 'https://id.example',
    clientId: 'window',
    algorithm: 'RS256',
    keys: async () => published,
    nonce: 'n-1',
    clock,
    ...more,
  })
}

describe('an ID token', () => {
  it.each<[string, string, Partial<IdTokenExpectation>]>([
    ['with one audience', make(claims), {}],
    ['with its one audience in an array', make({ ...claims, aud: ['window'] }), {}],
    ['with azp naming us', make({ ...claims, azp: 'window' }), {}],
    ['with typ JWT', make(claims, { header: { typ: 'JWT' } }), {}],
    ['without kid where one key fits', make(claims, { header: { kid: undefined } }), {}],
    ['without at_hash', make(claims), { accessToken: 'token' }],
    ['issued 59 s in the future', make({ ...claims, iat: now + 59 }), {}],
    [
      'with a trusted second audience',
      make({ ...claims, aud: ['window', 'pay'], azp: 'window' }),
      { trustedAudiences: ['pay'] },
    ],
    // at_hash of the example in OpenID Connect Core, appendix A.3.
    [
      'with the at_hash of the standard’s example',
      make({ ...claims, at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }),
      { accessToken: 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y' },
    ],
  ])('%s is accepted', async (_, token, more) => {
    expect(await verify(token, more)).toMatchObject({ sub: 'u-1' })
  })

  it('signed with the ES256 that was configured is accepted', async () => {
    const token = make(claims, { key: ec.privateKey, alg: 'ES256' })
    const keys = async () => keySet(jwk(ec.publicKey, { kid: 'k1' }))
    expect(await verify(token, { algorithm: 'ES256', keys })).toMatchObject({ sub: 'u-1' })
  })

  it('signed with a key that appears when the keys are read again is accepted', async () => {
    const asked: boolean[] = []
    const keys = async ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh)
      return refresh ? published : keySet()
    }
    expect(await verify(make(claims), { keys })).toMatchObject({ sub: 'u-1' })
    expect(asked).toEqual([false, true])
  })

  it.each([
    ['two audiences and no azp', make({ ...claims, aud: ['window', 'pay'] }), { trustedAudiences: ['pay'] }, 'azp'],
    ['a time of authentication in the future', make({ ...claims, auth_time: now + 3600 }), { maxAge: 60 }, 'auth_time'],
    ['issued 61 s in the future', make({ ...claims, iat: now + 61 }), {}, 'iat'],
    ['a subject that is no text', make({ ...claims, sub: 7 }), {}, 'sub'],
  ])('with %s is refused', async (_, token, more, claim) => {
    await expect(verify(token, more)).rejects.toMatchObject({ code: 'ERR_IDENTITY_CLAIM_INVALID', facts: { claim } })
  })

  it.each(['application/logout+jwt', 'logout+jwt', 'at+jwt', 'secevent+jwt', 'dpop+jwt'])(
    'of type %s is refused',
    async (typ) => {
      await expect(verify(make(claims, { header: { typ } }))).rejects.toMatchObject({
        code: 'ERR_IDENTITY_TYPE_MISMATCH',
      })
    },
  )

  it.each(['', 'a', 'a.b', 'a.b.c', 'a.b.c.d.e', '....', `${'a'.repeat(70_000)}.a.a`])(
    '%.12s… is refused',
    async (token) => {
      await expect(verify(token)).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_IDENTITY_(ID_TOKEN_INVALID|ALGORITHM_NOT_ALLOWED)$/),
      })
    },
  )

  it('that is refused leaves no number and no claim in the error, however it is printed', async () => {
    const wrong = [make({ ...claims, nonce: 'n-2' }), make({ ...claims, exp: now - 600 }), `${make(claims)}x`]
    for (const token of wrong) {
      const error: unknown = await verify(token).catch((reason: unknown) => reason)
      const printed = `${inspect(error, { depth: 20, showHidden: true })}${JSON.stringify(error)}${String(error)}`
      expect(error).toBeInstanceOf(Error)
      expect(printed).not.toContain(number)
      expect(printed).not.toContain(token.split('.')[1])
    }
  })
})
