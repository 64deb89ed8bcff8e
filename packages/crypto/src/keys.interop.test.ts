import { fromHex, toHex, utf8 } from '@zhicheng/core'
import forge from 'node-forge'
// @ts-expect-error the older peer has no types
import olderPeer from 'sm-crypto'
import { expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem } from './certificate.ts'
import { ecPkcs8, ecSpki } from './lib/keys/key-encoding.ts'
import { pkcs12Signer } from './pkcs12-signer.ts'
import { createSignature, formatPrivateKeyPem, parsePrivateKey } from './private-key.ts'
import { formatPublicKeyPem, parsePublicKey, verifySignature } from './public-key.ts'
import { createTestAuthority } from './testing.ts'

const message = utf8('样例行政许可决定书')

// How openssl makes a key, and how it signs and verifies with it.
const keys = {
  rsa: { make: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], digest: ['-digest', 'sha256'] },
  'ec-p256': { make: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], digest: ['-digest', 'sha256'] },
  'ec-p384': { make: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], digest: ['-digest', 'sha384'] },
  'ec-p521': { make: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'], digest: ['-digest', 'sha512'] },
  ed25519: { make: ['-algorithm', 'ED25519'], digest: [] },
  sm2: {
    make: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2'],
    digest: ['-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'],
  },
} as const
const names = Object.keys(keys) as (keyof typeof keys)[]

describeWithOpenssl('keys of the openssl command (skipped when it is missing)', () => {
  it.each(names)('of the kind %s are read in every form it writes, as one and the same', (name) =>
    withWorkbench(({ path, openssl, read }) => {
      const key = path('key.pem')
      openssl('genpkey', ...keys[name].make, '-out', key)
      const own = parsePrivateKey(read('key.pem'))
      expect(own.kind).toBe(name)
      const convert = (file: string, ...options: readonly string[]): Uint8Array => {
        openssl('pkey', '-in', key, ...options, '-out', path(file))
        return read(file)
      }
      const forms = [convert('pkcs8.der', '-outform', 'DER'), convert('again.pem')]
      // RSA and keys on a curve have an older form each; Ed25519 has none.
      for (const form of name === 'ed25519' ? [] : ['PEM', 'DER']) {
        const command = name === 'rsa' ? ['rsa', '-traditional'] : ['ec']
        openssl(...command, '-in', key, '-outform', form, '-out', path('old'))
        forms.push(read('old'))
      }
      for (const form of forms) expect(parsePrivateKey(form)).toEqual(own)
      const publicForms = [convert('public.pem', '-pubout'), convert('public.der', '-pubout', '-outform', 'DER')]
      for (const form of publicForms) expect(parsePublicKey(form)).toEqual(own.publicKey)
    }),
  )

  it.each(names)('of the kind %s open with their password, whatever encrypts them', (name) =>
    withWorkbench(({ path, openssl, read }) => {
      const key = path('key.pem')
      openssl('genpkey', ...keys[name].make, '-out', key)
      const own = parsePrivateKey(read('key.pem'))
      const schemes = [
        ['-v2', 'aes-256-cbc'],
        ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '10000'],
        ['-v2', 'des3'],
        ['-scrypt', '-scrypt_N', '1024'],
        // The SM ciphers, as the national profile has them.
        ['-v2', 'sm4-cbc'],
      ]
      for (const scheme of schemes) {
        for (const form of ['PEM', 'DER']) {
          openssl(
            ...['pkcs8', '-topk8', '-in', key, ...scheme, '-passout', 'pass:口令-1'],
            ...['-outform', form, '-out', path('encrypted')],
          )
          expect(parsePrivateKey(read('encrypted'), { password: '口令-1' })).toEqual(own)
          const wrong = expect.objectContaining({ code: 'ERR_CRYPTO_PASSWORD_WRONG' })
          expect(() => parsePrivateKey(read('encrypted'), { password: '口令-2' })).toThrow(wrong)
        }
      }
    }),
  )

  it.each(names)('of the kind %s sign what the other side verifies', (name) =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      openssl('genpkey', ...keys[name].make, '-out', path('key.pem'))
      const privateKey = parsePrivateKey(read('key.pem'))
      const publicKey = privateKey.publicKey!
      const ours = file('ours.pem', formatPrivateKeyPem(privateKey))
      const known = file('public.pem', formatPublicKeyPem(publicKey))
      const text = file('message', message)
      const input = ['-in', text, '-rawin', ...keys[name].digest]
      openssl('pkeyutl', '-sign', '-inkey', ours, ...input, '-out', path('theirs.sig'))
      const algorithm = {
        rsa: 'rsa-sha256',
        'ec-p256': 'ecdsa-p256-sha256',
        'ec-p384': 'ecdsa-p384-sha384',
        'ec-p521': 'ecdsa-p521-sha512',
        ed25519: 'ed25519',
        sm2: 'sm2-sm3',
      }[name] as 'rsa-sha256'
      const signature = read('theirs.sig')
      await expect(verifySignature({ algorithm, publicKey, message, signature })).resolves.toBe(true)
      const made = file('ours.sig', await createSignature({ privateKey, message, algorithm }))
      const verify = () => openssl('pkeyutl', '-verify', '-pubin', '-inkey', known, ...input, '-sigfile', made)
      expect(verify()).toContain('Signature Verified Successfully')
      file('message', '另一份')
      expect(verify).toThrow()
    }),
  )

  it('of RSA make PSS signatures that go both ways', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      openssl('genpkey', ...keys.rsa.make, '-out', path('key.pem'))
      const privateKey = parsePrivateKey(read('key.pem'))
      const algorithm = 'rsa-pss-sha256'
      const options = ['-sha256', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32']
      const text = file('message', message)
      openssl('dgst', ...options, '-sign', path('key.pem'), '-out', path('theirs.sig'), text)
      const publicKey = privateKey.publicKey!
      const signature = read('theirs.sig')
      await expect(verifySignature({ algorithm, publicKey, message, signature })).resolves.toBe(true)
      const ours = file('ours.sig', await createSignature({ privateKey, message, algorithm }))
      const known = file('public.pem', formatPublicKeyPem(publicKey))
      expect(openssl('dgst', ...options, '-verify', known, '-signature', ours, text)).toContain('Verified OK')
    }))

  it.each(['ec-p384', 'ec-p521', 'ed25519'] as const)('of the kind %s come out of PKCS#12 files', (name) =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
      openssl('genpkey', ...keys[name].make, '-out', path('key.pem'))
      const privateKey = parsePrivateKey(read('key.pem'))
      const certificate = await authority.issue({
        publicKey: privateKey.publicKey!,
        commonName: '样例签章人',
        profile: 'document-signing',
      })
      const leaf = file('leaf.pem', formatCertificatePem(certificate))
      for (const options of [[], ['-legacy']]) {
        const output = ['-out', path('all.p12'), '-passout', 'pass:x']
        openssl('pkcs12', '-export', ...options, '-inkey', path('key.pem'), '-in', leaf, ...output)
        const signer = await pkcs12Signer({ file: read('all.p12'), password: 'x' })
        expect(signer.certificateChain).toEqual([certificate])
        const input = { algorithm: signer.algorithm, publicKey: certificate.publicKey, message }
        await expect(verifySignature({ ...input, signature: await signer.sign(message) })).resolves.toBe(true)
      }
    }),
  )
})

it('PKCS#12 files of node-forge open, and their keys sign what it verifies', async () => {
  const pair = forge.pki.rsa.generateKeyPair(2048)
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = pair.publicKey
  certificate.serialNumber = '0102'
  certificate.validity.notBefore = new Date('2026-01-01T00:00:00Z')
  certificate.validity.notAfter = new Date('2027-01-01T00:00:00Z')
  const name = [{ name: 'commonName', value: '样例 forge', valueTagClass: 12 as never }]
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.sign(pair.privateKey, forge.md.sha256.create())
  for (const algorithm of ['3des', 'aes128', 'aes256'] as const) {
    const asn1 = forge.pkcs12.toPkcs12Asn1(pair.privateKey, certificate, 'x1', { algorithm })
    const file = Uint8Array.from(Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1'))
    const signer = await pkcs12Signer({ file, password: 'x1' })
    expect(signer.certificateChain[0].serialNumber).toBe('0102')
    const digest = forge.md.sha256.create().update(Buffer.from(message).toString('latin1'))
    const signature = Buffer.from(await signer.sign(message)).toString('latin1')
    expect(pair.publicKey.verify(digest.digest().getBytes(), signature)).toBe(true)
  }
})

it('SM2 keys and signatures go both ways with sm-crypto', async () => {
  for (let round = 0; round < 5; round += 1) {
    const pair = olderPeer.sm2.generateKeyPairHex() as { privateKey: string; publicKey: string }
    const privateKey = parsePrivateKey(ecPkcs8('sm2', fromHex(pair.privateKey), undefined))
    expect(privateKey.publicKey).toEqual(parsePublicKey(ecSpki('sm2', fromHex(pair.publicKey))))
    const text = Array.from(message)
    const options = { der: true, hash: true }
    const ours = toHex(await createSignature({ privateKey, message }))
    expect(olderPeer.sm2.doVerifySignature(text, ours, pair.publicKey, options)).toBe(true)
    expect(olderPeer.sm2.doVerifySignature([...text, 0], ours, pair.publicKey, options)).toBe(false)
    const signature = fromHex(olderPeer.sm2.doSignature(text, pair.privateKey, options))
    const input = { algorithm: 'sm2-sm3', publicKey: privateKey.publicKey!, message, signature } as const
    await expect(verifySignature(input)).resolves.toBe(true)
  }
})
