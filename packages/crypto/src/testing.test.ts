import { X509Certificate } from 'node:crypto'
import { fixedClock } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem, verifyCertificateSignature } from './certificate.ts'
import { verifyCertificatePath } from './certificate-path.ts'
import { listRevoked, parseCertificateList } from './crl.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { formatPem } from './pem.ts'
import { createTestAuthority, importTestAuthority, type TestProfile } from './testing.ts'

const algorithms = ['rsa-2048', 'ec-p256', 'sm2'] as const
const profiles: readonly TestProfile[] = ['document-signing', 'seal-making', 'timestamping', 'ocsp', 'platform']

describe.each(algorithms)('a test authority with %s', (algorithm) => {
  it('marks itself and everything it issues as made for tests', async () => {
    const authority = await createTestAuthority({ algorithm, name: '样例根' })
    const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'seal-making' })
    for (const { subject } of signer.certificateChain) expect(subject.text).toContain('OU=测试专用 TEST ONLY')
  })

  it('issues by its clock, to keys of any kind', async () => {
    const clock = fixedClock('2026-11-24T08:00:00+08:00')
    const authority = await createTestAuthority({ algorithm, name: '样例根', clock })
    for (const kind of algorithms) {
      const { publicKey } = await generateKeyPair(kind)
      const issued = await authority.issue({ publicKey, commonName: '样例', profile: 'platform', days: 30 })
      expect(issued.notAfter).toEqual(new Date('2026-12-24T08:00:00+08:00'))
      expect(issued.notBefore.getTime()).toBeLessThan(clock.now().getTime())
      expect(issued.publicKey).toEqual(publicKey)
      await expect(verifyCertificateSignature(issued, authority.certificate.publicKey)).resolves.toBe(true)
    }
  })

  it('goes on after it was saved, with its revocations and the numbers of its lists', async () => {
    const clock = fixedClock('2026-11-24T08:00:00+08:00')
    const authority = await createTestAuthority({ algorithm, name: '样例根', clock, crlUrl: 'http://127.0.0.1/ca.crl' })
    authority.revoke('0a', new Date('2026-11-20T00:00:00Z'), 'keyCompromise')
    await authority.currentCrl()
    const saved = JSON.parse(JSON.stringify(authority.export()))
    const again = importTestAuthority(saved, { clock })
    again.revoke('0b')
    const list = parseCertificateList(await again.currentCrl())
    expect([...listRevoked(list)]).toEqual([
      { serialNumber: '0a', at: new Date('2026-11-20T00:00:00Z'), reason: 'keyCompromise' },
      { serialNumber: '0b', at: clock.now() },
    ])
    expect(list.number).toBe(2n)
    expect(again.certificate).toEqual(authority.certificate)
    // As it was saved before there were intermediates and OCSP.
    const { certificatePem, privateKeyPem, crlUrl, crlNumber, revoked } = saved
    expect(saved).toEqual({ certificatePem, privateKeyPem, crlUrl, crlNumber, revoked })
  })

  it('tells the status of its certificates, from before and after it was saved', async () => {
    const authority = await createTestAuthority({ algorithm, name: '样例根' })
    const at = new Date('2026-11-20T00:00:00Z')
    authority.revoke('0a', at, 'superseded')
    authority.revoke('0b', at)
    for (const { lookup } of [authority, importTestAuthority(JSON.parse(JSON.stringify(authority.export())))]) {
      expect(lookup('0a')).toEqual({ status: 'revoked', at, reason: 'superseded' })
      expect(lookup('0b')).toEqual({ status: 'revoked', at })
      expect(lookup('0c')).toEqual({ status: 'good' })
    }
  })

  it('has authorities below it that issue, revoke and answer on their own, also after they were saved', async () => {
    const urls = { crlUrl: 'http://127.0.0.1/ca.crl', ocspUrl: 'http://127.0.0.1/ocsp' }
    const own = { crlUrl: 'http://127.0.0.1/sub.crl', ocspUrl: 'http://127.0.0.1/sub' }
    const root = await createTestAuthority({ algorithm, name: '样例根', ...urls })
    const made = await root.createIntermediate({ commonName: '样例中间', pathLength: 0, ...own })
    expect(made.certificate.subject.text).toContain('OU=测试专用 TEST ONLY')
    expect(made.certificate.basicConstraints).toEqual({ ca: true, pathLength: 0 })
    expect([made.certificate.crlDistributionPoints, made.certificate.ocspUrls]).toEqual([[urls.crlUrl], [urls.ocspUrl]])
    const again = importTestAuthority(JSON.parse(JSON.stringify(made.export())))
    expect(again.certificate).toEqual(made.certificate)
    for (const middle of [made, again]) {
      const signer = await middle.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
      const [leaf, ...issuers] = signer.certificateChain
      expect(issuers).toEqual([middle.certificate, root.certificate])
      expect([leaf.crlDistributionPoints, leaf.ocspUrls]).toEqual([[own.crlUrl], [own.ocspUrl]])
      middle.revoke(leaf.serialNumber)
      const crls = [await root.currentCrl(), await middle.currentCrl()].map((bytes) => parseCertificateList(bytes))
      const question = { intermediates: issuers, anchors: [root.certificate], at: new Date(), crls }
      expect(await verifyCertificatePath({ ...question, leaf })).toMatchObject({
        status: 'trusted',
        validity: 'valid',
        revocation: { status: 'revoked' },
      })
      const responder = await middle.createOcspResponder()
      expect(await verifyCertificatePath({ ...question, leaf: responder.certificateChain[0] })).toMatchObject({
        status: 'trusted',
        revocation: { status: 'good' },
      })
    }
    // A path length of 0 leaves no room for one more.
    const below = await made.createIntermediate({ commonName: '样例下级' })
    const { certificateChain } = await below.createSigner({ commonName: '样例', profile: 'platform' })
    const tooLong = { leaf: certificateChain[0], intermediates: certificateChain, anchors: [root.certificate] }
    expect(await verifyCertificatePath({ ...tooLong, at: new Date() })).toMatchObject({ status: 'broken' })
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it.each(algorithms)('certificates and lists of a %s authority pass its strict checks', (algorithm) =>
    withWorkbench(async ({ file, openssl }) => {
      const authority = await createTestAuthority({ algorithm, name: '样例根', crlUrl: 'http://127.0.0.1/ca.crl' })
      const ca = file('ca.pem', formatCertificatePem(authority.certificate))
      // The option gives the user identifier to the certificate that is checked, not to the root's own signature.
      const options = algorithm === 'sm2' ? ['-vfyopt', 'distid:1234567812345678'] : ['-check_ss_sig']
      for (const profile of profiles) {
        const { certificateChain } = await authority.createSigner({
          commonName: '样例',
          uscc: '91330110MA2AXY0E7F',
          profile,
        })
        const leaf = file('leaf.pem', formatCertificatePem(certificateChain[0]))
        expect(openssl('verify', '-x509_strict', ...options, '-CAfile', ca, leaf)).toContain('OK')
      }
      const revoked = await authority.createSigner({ commonName: '样例', profile: 'platform' })
      authority.revoke(revoked.certificateChain[0].serialNumber)
      const crl = file('ca.crl', formatPem('X509 CRL', await authority.currentCrl()))
      expect(openssl('crl', '-in', crl, '-noout', '-text')).toContain(
        `Serial Number: ${revoked.certificateChain[0].serialNumber.toUpperCase()}`,
      )
      if (algorithm === 'sm2') return
      const leaf = file('leaf.pem', formatCertificatePem(revoked.certificateChain[0]))
      expect(() => openssl('verify', '-crl_check', '-CRLfile', crl, '-CAfile', ca, leaf)).toThrow('certificate revoked')
    }),
  )

  it.each(algorithms)('the path over an intermediate passes its strict checks: %s', (algorithm) =>
    withWorkbench(async ({ file, openssl }) => {
      const root = await createTestAuthority({ algorithm, name: '样例根', ocspUrl: 'http://127.0.0.1/ocsp' })
      const middle = await root.createIntermediate({ commonName: '样例中间', ocspUrl: 'http://127.0.0.1/sub' })
      const ca = file('ca.pem', formatCertificatePem(root.certificate))
      const sub = file('sub.pem', formatCertificatePem(middle.certificate))
      const sm2 = algorithm === 'sm2'
      // The option gives the user identifier to the first certificate alone, so that SM2 is verified one step at a time.
      const strict = ['verify', '-x509_strict', ...(sm2 ? ['-vfyopt', 'distid:1234567812345678'] : [])]
      const words = sm2 ? [...strict, '-partial_chain', '-CAfile', sub] : [...strict, '-CAfile', ca, '-untrusted', sub]
      expect(openssl(...strict, '-CAfile', ca, sub)).toContain('OK')
      for (const kind of algorithms) {
        const signer = await middle.createSigner({ algorithm: kind, commonName: '样例', profile: 'ocsp' })
        const leaf = file('leaf.pem', formatCertificatePem(signer.certificateChain[0]))
        expect(openssl(...words, leaf)).toContain('OK')
        expect(() => openssl(...strict, '-CAfile', ca, leaf)).toThrow('unable to get local issuer certificate')
        expect(openssl('x509', '-in', leaf, '-noout', '-ocsp_uri', '-purpose')).toMatch(
          /^http:\/\/127\.0\.0\.1\/sub\n[\s\S]*OCSP helper : Yes/,
        )
      }
    }),
  )

  it('purposes of its certificates are those that openssl looks for', () =>
    withWorkbench(async ({ file, openssl }) => {
      const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
      const purposes = async (profile: TestProfile) => {
        const { certificateChain } = await authority.createSigner({ commonName: '样例', profile })
        return openssl('x509', '-noout', '-purpose', '-in', file('leaf.pem', formatCertificatePem(certificateChain[0])))
      }
      expect(await purposes('timestamping')).toContain('Time Stamp signing : Yes')
      expect(await purposes('document-signing')).toContain('S/MIME signing : Yes')
      expect(await purposes('document-signing')).toContain('Time Stamp signing : No')
      expect(new X509Certificate(authority.certificate.der).ca).toBe(true)
    }))
})
