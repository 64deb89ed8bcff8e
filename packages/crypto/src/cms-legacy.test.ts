import { utf8 } from '@zhicheng/core'
import { expect, it } from 'vitest'
import { describeWithOpenssl, type Workbench, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem } from './certificate.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { hash } from './hash.ts'
import { verifySignature } from './public-key.ts'
import { allowSha1 } from './signature-algorithm.ts'
import { createTestAuthority } from './testing.ts'

const file = utf8('样例文件')
const authority = await createTestAuthority({ algorithm: 'rsa-2048', name: '样例根' })
const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
const [certificate] = signer.certificateChain

function signedBy({ file: write, path, openssl, read }: Workbench, content: Uint8Array, ...more: string[]): Uint8Array {
  const chain = write('signer.pem', formatCertificatePem(certificate))
  const key = write('key.pem', signer.privateKeyPem)
  const input = ['-signer', chain, '-inkey', key, '-in', write('content', content), '-out', path('message')]
  openssl('cms', '-sign', '-binary', '-outform', 'DER', ...input, ...more)
  return read('message')
}

// The shapes that ISO 32000-1, 12.8.3 gives to the signatures of PDF files from before PAdES.
describeWithOpenssl('signatures of older PDF files, as openssl makes them (skipped when it is missing)', () => {
  it.each([
    ['with attributes', [], ['CMS_NO_SIGNING_CERTIFICATE']],
    ['without attributes', ['-noattr'], ['CMS_NO_SIGNING_CERTIFICATE']],
  ])('adbe.pkcs7.sha1 carries the SHA-1 digest of the file, signed %s', (_title, more, codes) =>
    withWorkbench(async (bench) => {
      const digest = hash('sha1', file)
      const message = parseSignedData(signedBy(bench, digest, '-nodetach', '-md', 'sha256', ...more))
      // Whether the digest is that of the file is for whoever reads the file, and so is what SHA-1 is worth.
      expect(message.content).toEqual(digest)
      const result = await verifySignedData(message, {})
      expect(result).toMatchObject({ status: 'valid', algorithm: 'rsa-sha256' })
      expect(result.findings.map(({ code }) => code)).toEqual(codes)
      const changed = await verifySignedData({ ...message, content: hash('sha1', utf8('other')) }, {})
      expect(changed.status).not.toBe('valid')
    }),
  )

  it('adbe.pkcs7.sha1 that uses SHA-1 throughout is verified only on request', () =>
    withWorkbench(async (bench) => {
      const message = parseSignedData(signedBy(bench, hash('sha1', file), '-nodetach', '-md', 'sha1'))
      expect((await verifySignedData(message, {})).status).toBe('unsupported')
      expect(await verifySignedData(message, { [allowSha1]: true })).toMatchObject({
        status: 'valid',
        algorithm: 'rsa-sha1',
        findings: [{ code: 'CMS_DIGEST_WEAK', severity: 'warning' }, { code: 'CMS_NO_SIGNING_CERTIFICATE' }],
      })
    }))

  it('adbe.pkcs7.detached says that no attribute names its certificate', () =>
    withWorkbench(async (bench) => {
      const message = parseSignedData(signedBy(bench, file, '-md', 'sha256'))
      const result = await verifySignedData(message, { messageDigest: (algorithm) => hash(algorithm, file) })
      expect(result).toMatchObject({ status: 'valid', bindsCertificate: false, certificate })
      expect(result.findings.map(({ code }) => code)).toEqual(['CMS_NO_SIGNING_CERTIFICATE'])
    }))

  it('adbe.x509.rsa_sha1 is a bare signature, verified only on request', () =>
    withWorkbench(async ({ file: write, path, openssl, read }) => {
      const key = write('key.pem', signer.privateKeyPem)
      openssl('dgst', '-sha1', '-sign', key, '-out', path('signature'), write('content', file))
      const { publicKey } = certificate
      const input = { algorithm: 'rsa-sha1', publicKey, message: file, signature: read('signature') } as const
      await expect(verifySignature(input)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SHA1_REFUSED' })
      await expect(verifySignature({ ...input, [allowSha1]: true })).resolves.toBe(true)
    }))
})
