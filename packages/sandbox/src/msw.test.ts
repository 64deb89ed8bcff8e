/** The sandbox behind Mock Service Worker: clients as they are in production, over the runtime's own fetch. */
import { secret, systemClock, utf8, yuan } from '@zhicheng/core'
import { createCredit, httpPublications } from '@zhicheng/credit'
import {
  createTimestampSource,
  hash,
  parseCertificate,
  parseTimestampToken,
  timestampMediaTypes,
  verifyTimestampToken,
} from '@zhicheng/crypto'
import { createPaymentClient } from '@zhicheng/pay'
import { wechatPay } from '@zhicheng/provider-wechat'
import { zhejiangCredit } from '@zhicheng/provider-zhejiang'
import { memoryStore } from '@zhicheng/store/memory'
import { http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSandbox } from './create-sandbox.ts'

const sandbox = createSandbox({ origin: 'https://sandbox.test' })
const server = setupServer(http.all('https://sandbox.test/*', ({ request }) => sandbox.fetch(request)))

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterAll(async () => {
  server.close()
  await sandbox.close()
})

describe('behind Mock Service Worker', () => {
  it('a timestamp client gets a token that the published authority vouches for', async () => {
    const { timestamps, authority } = await sandbox.registration()
    const source = createTimestampSource({
      async send(body) {
        const headers = { 'content-type': timestampMediaTypes.request }
        const response = await fetch(timestamps.url, { method: 'POST', headers, body: new Uint8Array(body) })
        return new Uint8Array(await response.arrayBuffer())
      },
    })
    const imprint = { algorithm: 'sha256' as const, value: hash('sha256', utf8('许可证')) }
    const token = parseTimestampToken(await source.timestamp(imprint))
    const anchor = parseCertificate(await (await fetch(`${authority.url}/ca.pem`)).text())
    const { status, chain } = await verifyTimestampToken(token, { imprint, anchors: [anchor] })
    expect([status, chain?.status]).toEqual(['valid', 'trusted'])
  })

  it('a timestamp client notices the platform’s misbehaviour', async () => {
    const { timestamps } = await sandbox.registration()
    const source = createTimestampSource({
      async send(body) {
        const headers = { 'content-type': timestampMediaTypes.request, 'x-sandbox-chaos': 'tsa-garbage' }
        const response = await fetch(timestamps.url, { method: 'POST', headers, body: new Uint8Array(body) })
        return new Uint8Array(await response.arrayBuffer())
      },
    })
    const imprint = { algorithm: 'sha256' as const, value: hash('sha256', utf8('许可证')) }
    await expect(source.timestamp(imprint)).rejects.toMatchObject({ code: 'ERR_DER_INVALID' })
  })

  it('the credit provider finds a company clear over the signed gateway', async () => {
    const { gatewayUrl, appKey, appSecret, interfaces, publicationsUrl } = (await sandbox.registration()).credit
    const store = memoryStore()
    const credit = createCredit({
      provider: zhejiangCredit({ gatewayUrl, appKey, appSecret: secret(appSecret), interfaces }),
      publications: httpPublications({ url: publicationsUrl }),
      store,
    })
    const check = await credit.check({
      subject: { kind: 'organisation', uscc: '91330110MA2AXY0E7F', name: '杭州样例科技有限公司（样例）' },
      purpose: {
        powerMatter: 'JY-00001',
        subPowerMatter: 'JY-00001-01',
        accessedBy: 'window-3',
        caseNumber: '330100202611240001',
        replacedMaterial: '无违法证明（样例）',
      },
    })
    expect(check).toMatchObject({ status: 'clear', level: '优秀' })
    const { items } = (await (await fetch(`${gatewayUrl}/queries`)).json()) as { items: unknown[] }
    expect(items).toHaveLength(1)
  })

  it('the payment provider places an order whose page the payer can open', async () => {
    const { baseUrl, merchantId, appId, apiV3Key, merchantKey, platformKeys, notifyUrl } = (
      await sandbox.registration()
    ).wechat
    const provider = wechatPay({
      baseUrl,
      merchantId,
      appId,
      apiV3Key: secret(apiV3Key),
      merchantKey: { pem: secret(merchantKey.pem), serial: merchantKey.serial },
      platformKeys,
      notifyUrl,
    })
    const client = createPaymentClient(provider)
    const attemptId = 'ZC20261124000001'
    const expiresAt = new Date(systemClock.now().getTime() + 600_000)
    const action = await client.prepay({ attemptId, title: '工本费（样例）', amount: yuan('120.00'), expiresAt })
    const page = await fetch((action as { content: string }).content)
    expect(await page.text()).toContain('120.00')
    expect(await client.query(attemptId)).toMatchObject({ attemptId, state: 'pending', payee: 'ours' })
  })

  it('nothing else gets out', async () => {
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => {})
    await expect(fetch('http://elsewhere.test/')).rejects.toThrow(TypeError)
    expect(complaint).toHaveBeenCalledOnce()
    complaint.mockRestore()
  })
})
