import { readFileSync } from 'node:fs'
import { fixedClock, secret } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { canonicalIrsQuery, irsSigningPolicy, irsSigningText, signIrsRequest, verifyIrsRequest } from './irs-hmac.ts'

interface Vector {
  method: string
  url: string
  accessKey: string
  secretKey: string
  date: string
  signature: string
}

// Outputs of a public Java client of the gateway, made for this project with made-up keys; see the folder's README.
const vectors = readFileSync(new URL('../test/vectors/irs-hmac.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector)

const vector = vectors[0]!
const clock = fixedClock(vector.date)
const sign = (more: Partial<Vector> = {}): Request => {
  const { method, url, accessKey, secretKey, date } = { ...vector, ...more }
  const headers = signIrsRequest({ method, url, accessKey, secretKey: secret(secretKey), date })
  return new Request(url, { method, headers })
}
const secretOf = (accessKey: string) => (accessKey === 'demo-ak' ? secret(vector.secretKey) : undefined)

describe('IRS gateway signatures', () => {
  it.each(vectors)('of $method $url are those of the Java client', ({ secretKey, signature, ...request }) => {
    const headers = signIrsRequest({ ...request, secretKey: secret(secretKey) })
    expect(headers).toEqual({
      'x-bg-hmac-access-key': request.accessKey,
      'x-bg-hmac-algorithm': 'hmac-sha256',
      'x-bg-date-time': request.date,
      'x-bg-hmac-signature': signature,
    })
    const sent = new Request(request.url, { method: request.method, headers })
    expect(verifyIrsRequest(sent, { secretOf, clock })).toEqual({ status: 'accepted', accessKey: 'demo-ak' })
  })

  it('end every signed line with a line feed, the last one too', () => {
    expect(irsSigningText(vector)).toBe(
      'POST\n/restapi/prod/IC33000020220329000007/uc/sso/access_token\n\ndemo-ak\nSun, 22 Nov 2026 20:04:32 GMT\n',
    )
  })

  it.each([
    ['?b=2&a=1&b=1', 'a=1&b=1&b=2'],
    ['?a', 'a='],
    ['?a=x+y&A=%2B', 'A=%2B&a=x%20y'],
    ["?a=!'()*~-._", 'a=%21%27%28%29%2A~-._'],
    ['?a=1&aa=2&a-=3', 'a=1&a-=3&aa=2'],
    ['?乙=1&甲=2', '%E4%B9%99=1&%E7%94%B2=2'],
  ])('canonicalise the query %s', (search, canonical) => {
    expect(canonicalIrsQuery(search)).toBe(canonical)
  })

  it.each([
    ['another secret', { secretKey: 'another-secret-not-real' }, 'Invalid signature'],
    ['an unknown key', { accessKey: 'unknown' }, 'Invalid access key'],
    ['a time 91 s away', { date: 'Sun, 22 Nov 2026 20:06:03 GMT' }, 'Clock skew exceeded'],
    ['a time 91 s ago', { date: 'Sun, 22 Nov 2026 20:03:01 GMT' }, 'Clock skew exceeded'],
    ['no HTTP date', { date: '2026-11-22T20:04:32Z' }, 'Invalid GMT format time'],
  ])('are refused with %s', (_, more, message) => {
    expect(verifyIrsRequest(sign(more), { secretOf, clock })).toEqual({ status: 'refused', message })
  })

  it('are accepted at the edge of the window', () => {
    const date = 'Sun, 22 Nov 2026 20:06:02 GMT'
    expect(verifyIrsRequest(sign({ date }), { secretOf, clock }).status).toBe('accepted')
  })

  it('do not cover another path or method', () => {
    const { headers } = sign()
    const elsewhere = { method: 'POST', url: `${vector.url}2`, headers }
    expect(verifyIrsRequest(elsewhere, { secretOf, clock })).toMatchObject({ message: 'Invalid signature' })
    const otherwise = { method: 'PUT', url: vector.url, headers }
    expect(verifyIrsRequest(otherwise, { secretOf, clock })).toMatchObject({ message: 'Invalid signature' })
  })
})

describe('the signing policy', () => {
  const request = { operation: 'test', method: 'POST', url: vector.url, headers: {}, idempotent: false } as const
  const answer = (status: number, date?: string) => ({
    status,
    headers: new Headers(date ? { date } : {}),
    body: new Uint8Array(),
  })

  it('signs once more by the gateway’s clock, once, and remembers the difference', async () => {
    const dates: string[] = []
    const policy = irsSigningPolicy({ accessKey: 'demo-ak', secretKey: secret('x'), clock })
    const send = async (sent: { headers: Readonly<Record<string, string>> }) => {
      dates.push(sent.headers['x-bg-date-time'] ?? '')
      return answer(401, 'Sun, 22 Nov 2026 20:14:32 GMT')
    }
    expect((await policy.handle(request, send)).status).toBe(401)
    await policy.handle(request, send)
    expect(dates).toEqual([
      'Sun, 22 Nov 2026 20:04:32 GMT',
      'Sun, 22 Nov 2026 20:14:32 GMT',
      'Sun, 22 Nov 2026 20:14:32 GMT',
    ])
  })

  it('sends nothing again when the clocks agree', async () => {
    let sent = 0
    const policy = irsSigningPolicy({ accessKey: 'demo-ak', secretKey: secret('x'), clock })
    await policy.handle(request, async () => {
      sent += 1
      return answer(401, 'Sun, 22 Nov 2026 20:04:40 GMT')
    })
    expect(sent).toBe(1)
  })
})
