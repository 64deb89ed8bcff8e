import { X509Certificate } from 'node:crypto'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithMaterial, material } from '../test/tools.ts'
import {
  type Certificate,
  formatCertificatePem,
  isIssuedBy,
  parseCertificate,
  parseCertificates,
  verifyCertificateSignature,
} from './certificate.ts'
import { buildCertificate } from './certificate-builder.ts'
import { type DerNode, der, parseDer } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { allowSha1 } from './signature-algorithm.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

let authority: TestAuthority
let certificate: Certificate

beforeAll(async () => {
  authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根', crlUrl: 'http://127.0.0.1/ca.crl' })
  const signer = await authority.createSigner({
    commonName: '样例签章人',
    organization: '样例科技有限公司',
    uscc: '91330110MA2AXY0E7F',
    profile: 'document-signing',
  })
  certificate = signer.certificateChain[0]
})

/** The certificate with fields of its body replaced; its signature no longer holds, which parsing does not look at. */
function forge(change: (fields: Uint8Array[], nodes: readonly DerNode[]) => void): Uint8Array {
  const [body, algorithm, signature] = parseDer(certificate.der).children
  const fields = body!.children.map(({ bytes }) => bytes)
  change(fields, body!.children)
  return der.sequence(der.sequence(...fields), algorithm!.bytes, signature!.bytes)
}

const invalid = expect.objectContaining({ code: 'ERR_CERTIFICATE_INVALID' })

describe('parseCertificate', () => {
  it('reads what Node reads', () => {
    const native = new X509Certificate(certificate.der)
    expect(certificate.serialNumber).toBe(native.serialNumber.toLowerCase())
    expect(certificate.notBefore).toEqual(new Date(native.validFrom))
    expect(certificate.notAfter).toEqual(new Date(native.validTo))
    expect(certificate.extendedKeyUsage).toEqual(native.keyUsage)
    expect(native.subject.split('\n').reverse()).toEqual(certificate.subject.text.split(','))
    expect(toHex(certificate.publicKey.spki)).toBe(
      native.publicKey.export({ format: 'der', type: 'spki' }).toString('hex'),
    )
  })

  it('shows names in Chinese and the fields of the extensions', () => {
    expect(certificate.subject.text).toBe(
      'CN=样例签章人,OU=测试专用 TEST ONLY,organizationIdentifier=NTRCN-91330110MA2AXY0E7F,O=样例科技有限公司,C=CN',
    )
    expect(certificate.subject.commonName).toBe('样例签章人')
    expect([...certificate.keyUsage!]).toEqual(['digitalSignature', 'nonRepudiation'])
    expect(certificate.basicConstraints).toBeUndefined()
    expect(certificate.crlDistributionPoints).toEqual(['http://127.0.0.1/ca.crl'])
    expect(certificate.authorityKeyIdentifier).toEqual(authority.certificate.subjectKeyIdentifier)
    expect(authority.certificate.basicConstraints).toEqual({ ca: true })
  })

  it('does not change when the bytes it was parsed from do', () => {
    const bytes = certificate.der.slice()
    const parsed = parseCertificate(bytes)
    bytes.fill(0)
    expect(parsed.der).toEqual(certificate.der)
    expect(parsed.subject.der).toEqual(certificate.subject.der)
  })

  it('reads PEM bundles and refuses texts without a certificate', () => {
    const bundle = formatCertificatePem(certificate) + formatCertificatePem(authority.certificate)
    expect(parseCertificates(bundle).map(({ der: bytes }) => bytes)).toEqual([
      certificate.der,
      authority.certificate.der,
    ])
    expect(parseCertificate(utf8(bundle)).der).toEqual(certificate.der)
    expect(() => parseCertificates('nothing')).toThrow(expect.objectContaining({ code: 'ERR_PEM_INVALID' }))
  })

  it('refuses negative and overlong serial numbers', () => {
    expect(() => parseCertificate(forge((fields) => fields.splice(1, 1, der.integer(-5))))).toThrow(invalid)
    expect(() => parseCertificate(forge((fields) => fields.splice(1, 1, der.integer(1n << 200n))))).toThrow(invalid)
  })

  it('refuses an extension that occurs twice', () => {
    const doubled = forge((fields, nodes) => {
      const extensions = nodes.at(-1)!.children[0]!.children.map(({ bytes }) => bytes)
      fields.splice(-1, 1, der.explicit(3, der.sequence(...extensions, extensions[0]!)))
    })
    expect(() => parseCertificate(doubled)).toThrow(invalid)
  })

  it('refuses two different signature algorithms', () => {
    const other = forge((fields) => fields.splice(2, 1, der.sequence(der.oid('1.2.840.10045.4.3.4'))))
    expect(() => parseCertificate(other)).toThrow(invalid)
  })

  it('refuses unknown versions, extensions in version 1, and unknown fields', () => {
    expect(() => parseCertificate(forge((fields) => fields.splice(0, 1, der.explicit(0, der.integer(7)))))).toThrow(
      invalid,
    )
    expect(() => parseCertificate(forge((fields) => fields.splice(0, 1)))).toThrow(invalid)
    expect(() => parseCertificate(forge((fields) => fields.push(der.null())))).toThrow(invalid)
    expect(() => parseCertificate(forge((fields) => fields.push(fields.at(-1)!)))).toThrow(invalid)
  })

  it('refuses trailing bytes and every truncation with a code', () => {
    const refused = expect.objectContaining({ code: 'ERR_DER_INVALID' })
    expect(() => parseCertificate(concatBytes(certificate.der, Uint8Array.of(0)))).toThrow(refused)
    for (let length = 1; length < certificate.der.length; length += 1) {
      expect(() => parseCertificate(certificate.der.subarray(0, length))).toThrow(refused)
    }
  })

  it('never fails without a code, whichever byte is changed', () => {
    for (let index = 0; index < certificate.der.length; index += 1) {
      for (const value of [0, 0x7f, 0xff]) {
        const changed = certificate.der.with(index, value)
        try {
          parseCertificate(changed)
        } catch (error) {
          expect(error).toMatchObject({ name: 'ZhichengError' })
        }
      }
    }
  })
})

describe('verifyCertificateSignature', () => {
  it('holds for the issuer alone, and not for a changed body', async () => {
    const other = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
    await expect(verifyCertificateSignature(certificate, authority.certificate.publicKey)).resolves.toBe(true)
    await expect(verifyCertificateSignature(certificate, other.certificate.publicKey)).resolves.toBe(false)
    const changed = parseCertificate(forge((fields) => fields.splice(1, 1, der.integer(77))))
    await expect(verifyCertificateSignature(changed, authority.certificate.publicKey)).resolves.toBe(false)
  })

  it('tells issuers of one name apart by the key identifier', async () => {
    const other = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
    expect(isIssuedBy(certificate, authority.certificate)).toBe(true)
    expect(isIssuedBy(certificate, other.certificate)).toBe(false)
    expect(isIssuedBy(certificate, certificate)).toBe(false)
  })
})

describe('distinguished names', () => {
  const issue = async (value: string) => {
    const { certificate: issued } = await createTestAuthority({ algorithm: 'ec-p256', name: value })
    return issued.subject
  }

  it('escape what would break them, and keep Chinese as it is', async () => {
    expect((await issue(' 样例,"引号"+<号>;\\#= ')).text).toMatch(
      /^CN=\\ 样例\\,\\"引号\\"\\\+\\<号\\>\\;\\\\#=\\ ,OU=/,
    )
    expect((await issue('#样例')).text).toMatch(/^CN=\\#样例,/)
    expect((await issue('行\n二\0')).text).toMatch(/^CN=行\\0a二\\00,/)
  })

  it('read multi-valued parts, unknown types and values that are no text', () => {
    const attribute = (oid: string, value: Uint8Array) => der.sequence(der.oid(oid), value)
    const name = der.sequence(
      der.setOf(attribute('2.5.4.10', der.utf8String('甲')), attribute('2.5.4.11', der.utf8String('乙'))),
      der.setOf(attribute('1.2.3.4', der.utf8String('丙'))),
      der.setOf(attribute('2.5.4.3', der.octetString(Uint8Array.of(1)))),
    )
    const changed = parseCertificate(forge((fields) => fields.splice(5, 1, name)))
    expect(changed.subject.text).toBe('CN=#040101,1.2.3.4=丙,O=甲+OU=乙')
  })

  it('are not built with empty values, or with Chinese where the standard wants ASCII', () => {
    for (const [type, value] of [
      ['CN', ''],
      ['C', '中国'],
      ['serialNumber', '样例'],
      ['emailAddress', '样例@example.cn'],
    ] as const) {
      expect(() => createDistinguishedName([[type, value]])).toThrow(invalid)
    }
  })
})

describe('buildCertificate', () => {
  it('refuses a validity that ends before it begins', async () => {
    const { subject, publicKey } = authority.certificate
    const dates = { notBefore: new Date('2026-02-01T00:00:00Z'), notAfter: new Date('2026-01-01T00:00:00Z') }
    const input = { subject, issuer: subject, publicKey, keyUsage: ['digitalSignature'] as const, ...dates }
    await expect(buildCertificate(input, authority.signer)).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_INVALID' })
  })

  it('writes a given serial number, and dates on both sides of 2050', async () => {
    const { subject, publicKey } = authority.certificate
    const dates = { notBefore: new Date('2049-12-31T23:59:59Z'), notAfter: new Date('2050-01-01T00:00:00Z') }
    const input = { subject, issuer: subject, publicKey, keyUsage: ['digitalSignature'] as const, ...dates }
    const built = await buildCertificate({ ...input, serialNumber: 'f00d' }, authority.signer)
    expect(built).toMatchObject({ serialNumber: 'f00d', ...dates })
    expect(fromHex(built.serialNumber)).toHaveLength(2)
  })
})

describeWithMaterial('with published certificates (skipped unless ZHICHENG_MATERIAL is set)', () => {
  it('verifies the roots of Alipay: SM2, RSA, P-384, and RSA with SHA-1 on request', async () => {
    const roots = parseCertificates(material('pay', 'alipay', 'alipayRootCert.crt'))
    expect(roots.map(({ publicKey, signatureAlgorithm }) => [publicKey.kind, signatureAlgorithm])).toEqual([
      ['sm2', 'sm2-sm3'],
      ['rsa', 'rsa-sha256'],
      ['ec-p384', 'ecdsa-p384-sha384'],
      ['rsa', 'rsa-sha1'],
    ])
    for (const root of roots) {
      await expect(verifyCertificateSignature(root, root.publicKey, { [allowSha1]: true })).resolves.toBe(true)
    }
    await expect(verifyCertificateSignature(roots[3]!, roots[3]!.publicKey)).rejects.toMatchObject({
      code: 'ERR_CRYPTO_SHA1_REFUSED',
    })
  })

  it('reads the serial numbers that WeChat Pay publishes', () => {
    const folder = ['pay', 'wechatpay', 'java-core'] as const
    expect(parseCertificate(material(...folder, 'merchant_certificate.pem')).serialNumber).toBe(
      '5f1c72e2a8931b72a2e13af8dee92471eb397115',
    )
    expect(parseCertificate(material(...folder, 'wechat_pay_certificate.pem')).serialNumber).toBe(
      '440024045c4a427599d09bb4e3de0279f2e813fd',
    )
  })

  it.each(['appCertPublicKey', 'alipayRootCert', 'alipayCertPublicKey_RSA2'])(
    'refuses the encrypted text that is named test_%s_aesEncryptText.crt',
    (name) => {
      expect(() => parseCertificate(material('pay', 'alipay', `test_${name}_aesEncryptText.crt`))).toThrow(
        expect.objectContaining({ code: 'ERR_PEM_INVALID' }),
      )
    },
  )
})
