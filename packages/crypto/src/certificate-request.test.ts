import { utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { buildCertificateRequest, parseCertificateRequest } from './certificate-request.ts'
import { der, parseDer } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { formatPem } from './pem.ts'
import { parsePrivateKey } from './private-key.ts'

const subject = createDistinguishedName([
  ['C', 'CN'],
  ['O', '样例科技有限公司'],
  ['CN', '样例签章证书'],
])
const kinds = ['rsa-2048', 'ec-p256', 'sm2'] as const

async function makeRequest(kind: (typeof kinds)[number]) {
  const { privateKeyPem, publicKey } = await generateKeyPair(kind)
  return { request: await buildCertificateRequest({ subject, privateKey: parsePrivateKey(privateKeyPem) }), publicKey }
}

describe('certificate requests', () => {
  it.each(kinds)('with %s come back as they were built', async (kind) => {
    const { request, publicKey } = await makeRequest(kind)
    for (const form of [
      request,
      utf8(formatPem('CERTIFICATE REQUEST', request)),
      formatPem('NEW CERTIFICATE REQUEST', request),
    ]) {
      await expect(parseCertificateRequest(form)).resolves.toEqual({ der: request, subject, publicKey })
    }
  })

  it('are refused when somebody else signed them', async () => {
    const { request } = await makeRequest('sm2')
    const { request: other } = await makeRequest('sm2')
    const [body] = parseDer(request).children
    const [, algorithm, signature] = parseDer(other).children
    await expect(
      parseCertificateRequest(der.sequence(body!.bytes, algorithm!.bytes, signature!.bytes)),
    ).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_REQUEST_INVALID' })
  })

  it('are refused with a code when they are no requests', async () => {
    await expect(parseCertificateRequest('nothing')).rejects.toMatchObject({ code: 'ERR_PEM_INVALID' })
    await expect(parseCertificateRequest(der.sequence())).rejects.toMatchObject({ code: 'ERR_DER_INVALID' })
    const body = der.sequence(der.integer(3), subject.der)
    await expect(parseCertificateRequest(der.sequence(body))).rejects.toMatchObject({
      code: 'ERR_CERTIFICATE_REQUEST_INVALID',
    })
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it.each(kinds)('requests with %s are accepted both ways', (kind) =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const { privateKeyPem, publicKey } = await generateKeyPair(kind)
      const distinguishing = (option: string) => (kind === 'sm2' ? [option, 'distid:1234567812345678'] : [])
      const request = await buildCertificateRequest({ subject, privateKey: parsePrivateKey(privateKeyPem) })
      const ours = file('ours.csr', formatPem('CERTIFICATE REQUEST', request))
      expect(openssl('req', '-verify', '-noout', '-subject', ...distinguishing('-vfyopt'), '-in', ours)).toContain('CN')
      const key = file('key.pem', privateKeyPem)
      const digest = kind === 'sm2' ? '-sm3' : '-sha256'
      const output = ['-out', path('theirs.csr')]
      openssl(
        'req',
        '-new',
        '-utf8',
        digest,
        ...distinguishing('-sigopt'),
        '-key',
        key,
        '-subj',
        '/C=CN/CN=样例',
        ...output,
      )
      const theirs = await parseCertificateRequest(read('theirs.csr'))
      expect(theirs.subject.text).toBe('CN=样例,C=CN')
      expect(theirs.publicKey).toEqual(publicKey)
    }),
  )
})
