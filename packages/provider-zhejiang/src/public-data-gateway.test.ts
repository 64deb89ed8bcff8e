import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fixedClock, secret, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import {
  createPublicDataGateway,
  formatGatewayAnswer,
  formatGatewayCall,
  formatGatewaySecrets,
  gatewayInterfacePath,
  parseGatewayAnswer,
  parseGatewayCall,
  parseGatewaySecrets,
  sampleCreditInterfaces,
  signGatewayCall,
  verifyGatewayCall,
} from './index.ts'

const key = { appKey: 'demo-key', secret: secret('demo-secret'), requestTime: 1_795_478_400_000 }
const purpose = { powerMatters: 'JY-00001', subPowerMatters: 'JY-00001-01', accesscardId: 'window-3' }

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['version']).length > 0
  } catch {
    return false
  }
})()

describe('a call of the gateway', () => {
  it('is signed by the lower-case MD5 of key, secret and time', () => {
    const text = 'demo-keydemo-secret1795478400000'
    expect(signGatewayCall(key)).toBe(createHash('md5').update(text).digest('hex'))
  })

  it.skipIf(!hasOpenssl && !process.env['CI'])('has the digest that openssl computes (skipped without openssl)', () => {
    const output = execFileSync('openssl', ['md5'], { input: 'demo-keydemo-secret1795478400000' }).toString()
    expect(output).toContain(signGatewayCall(key))
  })

  it('is read back with purpose and parameters, and its parameters cannot pose as the gateway’s own', () => {
    const parameters = { tyshxydm: '91330110MA2AXY0E7F', sign: 'forged', appKey: 'other', additional: '{}' }
    const form = new URLSearchParams(new TextDecoder().decode(formatGatewayCall({ ...key, parameters, purpose })))
    const call = parseGatewayCall(form)!
    expect(call).toMatchObject({ appKey: 'demo-key', requestTime: key.requestTime, purpose })
    expect(call.parameters).toEqual({ tyshxydm: '91330110MA2AXY0E7F' })
    expect(verifyGatewayCall(call, secret('demo-secret'))).toBe(true)
    expect(verifyGatewayCall(call, secret('demo-secrex'))).toBe(false)
    expect(verifyGatewayCall({ ...call, sign: call.sign.toUpperCase() }, secret('demo-secret'))).toBe(false)
    expect(verifyGatewayCall({ ...call, requestTime: call.requestTime + 1 }, secret('demo-secret'))).toBe(false)
  })

  it.each(['', 'appKey=a&sign=b', 'appKey=a&sign=b&requestTime=yesterday', 'sign=b&requestTime=1795478400000'])(
    'without its common parameters is none: "%s"',
    (form) => {
      expect(parseGatewayCall(new URLSearchParams(form))).toBeUndefined()
    },
  )

  it.each(['', 'x', '{}', '[]', JSON.stringify({ ...purpose, accesscardId: '' })])(
    'has no purpose in %j',
    (additional) => {
      const form = new URLSearchParams({ appKey: 'a', sign: 'b', requestTime: '1795478400000', additional })
      expect(parseGatewayCall(form)).not.toHaveProperty('purpose')
    },
  )

  it('goes to the path of its interface, whatever characters the names have', () => {
    expect(gatewayInterfacePath(sampleCreditInterfaces.query)).toBe(
      '/gateway/api/330000000000001/dataSharing/creditQuery.htm',
    )
    expect(gatewayInterfacePath({ id: '../a', segment: 'b?c', code: 'd#e' })).toBe(
      '/gateway/api/..%2Fa/b%3Fc/d%23e.htm',
    )
  })
})

describe('an answer of the gateway', () => {
  it('has its payload as an object, or as JSON in a text', () => {
    for (const datasAs of ['text', 'object'] as const) {
      const body = formatGatewayAnswer({ datas: { flag: '1' }, requestId: 'R1' }, { datasAs })
      expect(parseGatewayAnswer(utf8(body))).toEqual({ accepted: true, datas: { flag: '1' }, requestId: 'R1' })
    }
  })

  it('keeps the code of a refusal and not its text, which may quote what was sent', () => {
    const body = formatGatewayAnswer({ code: '05', msg: '91330110MA2AXY0E7F 已过期', requestId: 'R1' })
    expect(parseGatewayAnswer(utf8(body))).toEqual({ accepted: false, code: '05', requestId: 'R1' })
    expect(parseGatewayAnswer(utf8('{"code":"\\u0000 x"}'))).toEqual({ accepted: false, code: 'other' })
    expect(parseGatewayAnswer(utf8('{"code":0}'))).toMatchObject({ accepted: false })
  })

  it.each(['', 'null', '[]', '{}', '<html>', '{"code":null}', '['.repeat(200_000)])('is none: %.20s', (body) => {
    expect(parseGatewayAnswer(utf8(body))).toBeUndefined()
  })

  it('that is not UTF-8 is none', () => {
    expect(parseGatewayAnswer(new Uint8Array([0x7b, 0xff, 0x7d]))).toBeUndefined()
  })

  it('brings secrets with ends as numbers or as digits, and no half of them', () => {
    const secrets = {
      refreshSecret: secret('r'),
      refreshSecretEndTime: 1_795_478_400_000,
      requestSecret: secret('q'),
      requestSecretEndTime: 1_795_478_400_000,
    }
    const written = formatGatewaySecrets(secrets)
    expect(parseGatewaySecrets(written)).toEqual(secrets)
    expect(parseGatewaySecrets({ ...written, requestSecretEndTime: '1795478400000' })).toEqual(secrets)
    expect(JSON.stringify(parseGatewaySecrets(written))).not.toContain('"r"')
    for (const change of [{ requestSecret: '' }, { requestSecretEndTime: 'soon' }, { refreshSecret: undefined }]) {
      expect(parseGatewaySecrets({ ...written, ...change })).toBeUndefined()
    }
  })
})

describe('a gateway client', () => {
  const options = { appKey: 'demo-key', appSecret: secret('demo-secret'), retry: { attempts: 1 } }
  const request = {
    operation: 'credit.query',
    target: sampleCreditInterfaces.query,
    parameters: { tyshxydm: '91330110MA2AXY0E7F' },
    purpose,
    idempotent: true,
  }
  const environmentOf = (fetch: typeof globalThis.fetch) => ({
    clock: fixedClock('2026-11-24T08:00:00+08:00'),
    fetch,
    signal: AbortSignal.timeout(5000),
  })

  it.each([
    'http://gateway.example.gov.cn',
    'https://user:pass@gateway.example',
    'https://gateway.example/?a=b',
    'gateway',
  ])('is not made for %s', (gatewayUrl) => {
    expect(() => createPublicDataGateway({ ...options, gatewayUrl })).toThrow(
      expect.objectContaining({ code: 'ERR_CREDIT_CONFIGURATION' }),
    )
  })

  it.each<[string, () => Promise<Response>, object]>([
    [
      'nothing',
      () => Promise.reject(new TypeError('reset')),
      { code: 'ERR_CREDIT_PLATFORM_UNREACHABLE', outcome: 'unknown' },
    ],
    [
      '503',
      async () => new Response('', { status: 503 }),
      { code: 'ERR_CREDIT_PLATFORM_UNREACHABLE', outcome: 'unknown' },
    ],
    ['403', async () => new Response('', { status: 403 }), { code: 'ERR_CREDIT_PLATFORM_REFUSED', outcome: 'refused' }],
    [
      'a redirect',
      async () => Response.redirect('https://evil.example/'),
      { code: 'ERR_CREDIT_PLATFORM_ANSWER_INVALID' },
    ],
    ['a page', async () => new Response('<html>'), { code: 'ERR_CREDIT_PLATFORM_ANSWER_INVALID', outcome: 'unknown' }],
    [
      'no secrets',
      async () => Response.json({ code: '00', datas: '{}' }),
      { code: 'ERR_CREDIT_PLATFORM_ANSWER_INVALID' },
    ],
    [
      'a refusal',
      async () => Response.json({ code: '04', msg: 'x' }),
      { code: 'ERR_CREDIT_PLATFORM_REFUSED', outcome: 'refused' },
    ],
  ])('answered with %s throws a coded error without secret, signature or subject', async (_title, answer, expected) => {
    const gateway = createPublicDataGateway({ ...options, gatewayUrl: 'https://gateway.example' })
    const error: unknown = await gateway.call(request, environmentOf(answer as typeof fetch)).catch((e: unknown) => e)
    expect(error).toMatchObject(expected)
    const shown =
      JSON.stringify(error) + String((error as Error).stack) + String((error as { cause?: Error }).cause?.stack)
    for (const word of ['demo-secret', '91330110MA2AXY0E7F']) expect(shown).not.toContain(word)
  })

  it('posts what it asks, so that no address holds a signature or the subject', async () => {
    const addresses: string[] = []
    const end = Date.parse('2026-11-25T00:00:00Z')
    const datas = { refreshSecret: 'r', refreshSecretEndTime: end, requestSecret: 'q', requestSecretEndTime: end }
    const gateway = createPublicDataGateway({ ...options, gatewayUrl: 'https://gateway.example/base/' })
    const answered = await gateway.call(
      request,
      environmentOf(async (address) => {
        addresses.push(String(address))
        return new Response(formatGatewayAnswer({ datas, requestId: 'R1' }))
      }),
    )
    expect(answered.datas).toEqual(datas)
    expect(addresses).toEqual([
      'https://gateway.example/base/gateway/app/refreshTokenByKey.htm',
      'https://gateway.example/base/gateway/api/330000000000001/dataSharing/creditQuery.htm',
    ])
  })
})
