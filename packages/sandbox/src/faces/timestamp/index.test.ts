import { readFileSync } from 'node:fs'
import { fixedClock, utf8 } from '@zhicheng/core'
import { hash, parseTimestampToken, processTimestampResponse, requestTimestamp } from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withBench } from '../../test-support/openssl.ts'
import { codeOf, createSandboxClient, type SandboxClient } from '../../test-support/sandbox-client.ts'

const imprint = { algorithm: 'sha256' as const, value: hash('sha256', utf8('许可证')) }
const query = requestTimestamp(imprint, { nonce: 7n })
const mediaType = { 'content-type': 'application/timestamp-query' }

async function tokenFrom(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/timestamp-reply')
  const answer = new Uint8Array(await response.arrayBuffer())
  return parseTimestampToken(processTimestampResponse(answer, { imprint, nonce: 7n }))
}

const ask = ({ post }: SandboxClient, chaos?: string) =>
  post('/tsa', query, { ...mediaType, ...(chaos ? { 'x-sandbox-chaos': chaos } : {}) })

describe('the timestamp service', () => {
  it('says the time of the sandbox, and gives every token a number of its own', async () => {
    const client = createSandboxClient({ clock: fixedClock('2026-11-24T08:00:00+08:00') })
    const [first, second] = [await tokenFrom(await ask(client)), await tokenFrom(await ask(client))]
    expect(first.time.toISOString()).toBe('2026-11-24T00:00:00.000Z')
    expect(first.serial).not.toBe(second.serial)
  })

  it('is down when told so', async () => {
    const client = createSandboxClient()
    const response = await ask(client, 'tsa-down')
    expect([response.status, await codeOf(response)]).toEqual([503, 'ERR_SANDBOX_CHAOS'])
    expect((await ask(client)).status).toBe(200)
  })

  it('talks nonsense when told so, which nobody takes for a token', async () => {
    const response = await ask(createSandboxClient(), 'tsa-garbage')
    expect(response.status).toBe(200)
    await expect(tokenFrom(response)).rejects.toMatchObject({ code: 'ERR_DER_INVALID' })
  })

  it('lags a year behind when told so', async () => {
    const client = createSandboxClient({ clock: fixedClock('2026-11-24T08:00:00+08:00') })
    const { time } = await tokenFrom(await ask(client, 'tsa-wrong-time'))
    expect(time.toISOString()).toBe('2025-11-24T00:00:00.000Z')
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['what is no DER', utf8('please')],
    ['a request that is cut off', query.subarray(0, 20)],
    ['a request with something behind it', Uint8Array.of(...query, 0)],
  ])('refuses %s in the words of the protocol', async (_, body) => {
    const response = await createSandboxClient().post('/tsa', body, mediaType)
    expect(response.status).toBe(200)
    await expect(tokenFrom(response)).rejects.toMatchObject({ code: 'ERR_TIMESTAMP_REFUSED' })
  })

  it('refuses a body beyond all measure', async () => {
    const response = await createSandboxClient().post('/tsa', new Uint8Array(65_537), mediaType)
    expect([response.status, await codeOf(response)]).toEqual([413, 'ERR_BODY_TOO_LARGE'])
  })

  it('takes no other media type, method or address', async () => {
    const client = createSandboxClient()
    const wrongType = await client.post('/tsa', query, { 'content-type': 'application/octet-stream' })
    expect([wrongType.status, await codeOf(wrongType)]).toEqual([415, 'ERR_SANDBOX_BODY'])
    for (const response of [await client.get('/tsa'), await client.post('/tsa/x', query, mediaType)]) {
      expect([response.status, await codeOf(response)]).toEqual([404, 'ERR_SANDBOX_NOT_FOUND'])
    }
  })
})

describeWithOpenssl('openssl ts (skipped where the command is missing)', () => {
  it.each(['sha256', 'sha512'])('asks over %s, and verifies the answer for its file and no other', (algorithm) =>
    withBench(async ({ file, path, openssl }) => {
      const client = createSandboxClient()
      const document = file('licence.txt', '许可证')
      expect(openssl('ts', '-query', '-data', document, `-${algorithm}`, '-cert', '-out', path('query.tsq')).good).toBe(
        true,
      )
      const response = await client.post('/tsa', new Uint8Array(readFileSync(path('query.tsq'))), mediaType)
      const answer = file('answer.tsr', new Uint8Array(await response.arrayBuffer()))
      const root = file('root.pem', await (await client.get('/ca/ca.pem')).text())
      const verify = ['ts', '-verify', '-in', answer, '-CAfile', root]

      expect(openssl(...verify, '-queryfile', path('query.tsq')).said).toContain('Verification: OK')
      expect(openssl(...verify, '-data', document).said).toContain('Verification: OK')
      expect(openssl(...verify, '-data', file('other.txt', '许可证 ')).good).toBe(false)
      expect(openssl('ts', '-reply', '-in', answer, '-text').said).toContain('Status: Granted.')
    }),
  )

  it('accepts the certificate of the service for timestamps alone', () =>
    withBench(async ({ file, openssl }) => {
      const { get } = createSandboxClient()
      const root = file('root.pem', await (await get('/ca/ca.pem')).text())
      const leaf = file('tsa.pem', await (await get('/ca/tsa.pem')).text())
      expect(openssl('verify', '-x509_strict', '-purpose', 'timestampsign', '-CAfile', root, leaf).good).toBe(true)
      expect(openssl('verify', '-purpose', 'smimesign', '-CAfile', root, leaf).good).toBe(false)
    }))
})
