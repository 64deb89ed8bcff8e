import * as nodeCrypto from 'node:crypto'
import { utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, type Workbench, withWorkbench } from '../test/tools.ts'
import { parseCertificate, verifyCertificateSignature } from './certificate.ts'
import { verifyCertificatePath } from './certificate-path.ts'
import { der, parseDer } from './der.ts'
import { engine as webEngine } from './lib/engines/engine-web.ts'
import { formatSignatureAlgorithm, parseSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { parsePublicKey, verifySignature } from './public-key.ts'
import { allowDsa, allowSha1 } from './signature-algorithm.ts'

const message = utf8('样例')

function publicKeyOf(pair: nodeCrypto.KeyPairKeyObjectResult): ReturnType<typeof parsePublicKey> {
  return parsePublicKey(new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })))
}

describe('RSA-PSS', () => {
  const pair = nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = publicKeyOf(pair)
  const signWith = (digest: string, saltLength: number) =>
    nodeCrypto.sign(digest, message, {
      key: pair.privateKey,
      padding: nodeCrypto.constants.RSA_PKCS1_PSS_PADDING,
      saltLength,
    })

  it.each(['sha256', 'sha384', 'sha512'] as const)('holds the salt to its stated length with %s', async (digest) => {
    const algorithm = `rsa-pss-${digest}` as const
    for (const saltLength of [0, 20, 48, 126]) {
      const signature = signWith(digest, saltLength)
      const input = { algorithm, publicKey, message, signature }
      await expect(verifySignature({ ...input, saltLength })).resolves.toBe(true)
      await expect(verifySignature({ ...input, saltLength: saltLength + 1 })).resolves.toBe(false)
      await expect(webEngine.verify(algorithm, publicKey, message, signature, saltLength)).resolves.toBe(true)
      await expect(webEngine.verify(algorithm, publicKey, message, signature, saltLength + 1)).resolves.toBe(false)
    }
  })

  it('has no room for a salt longer than the modulus leaves', async () => {
    const signature = signWith('sha256', 222)
    const input = { algorithm: 'rsa-pss-sha256', publicKey, message, signature } as const
    await expect(verifySignature({ ...input, saltLength: 222 })).resolves.toBe(true)
    for (const saltLength of [223, 2048]) await expect(verifySignature({ ...input, saltLength })).resolves.toBe(false)
  })

  it('is signed with a salt as long as the digest', async () => {
    const privateKey = parsePrivateKey(new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' })))
    const signature = await createSignature({ privateKey, message, algorithm: 'rsa-pss-sha384' })
    await expect(
      verifySignature({ algorithm: 'rsa-pss-sha384', publicKey, message, signature, saltLength: 48 }),
    ).resolves.toBe(true)
  })

  it('with SHA-1 needs the switch for SHA-1', async () => {
    const input = {
      algorithm: 'rsa-pss-sha1',
      publicKey,
      message,
      signature: signWith('sha1', 20),
      saltLength: 20,
    } as const
    await expect(verifySignature(input)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SHA1_REFUSED' })
    await expect(verifySignature({ ...input, [allowSha1]: true })).resolves.toBe(true)
  })

  it('is the only use of a key that is restricted to it', async () => {
    const options = { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 32 }
    // The types of Node leave the form without encodings out.
    const restricted = nodeCrypto.generateKeyPairSync('rsa-pss' as 'rsa', options)
    const key = publicKeyOf(restricted)
    expect(key).toMatchObject({ kind: 'rsa', pss: { digest: 'sha256', minimumSaltLength: 32 } })
    const signature = nodeCrypto.sign('sha256', message, { key: restricted.privateKey, saltLength: 32 })
    const input = { publicKey: key, message, signature }
    await expect(verifySignature({ ...input, algorithm: 'rsa-pss-sha256' })).resolves.toBe(true)
    await expect(webEngine.verify('rsa-pss-sha256', key, message, signature)).resolves.toBe(true)
    for (const algorithm of ['rsa-sha256', 'rsa-pss-sha512'] as const) {
      await expect(verifySignature({ ...input, algorithm })).resolves.toBe(false)
    }
    await expect(verifySignature({ ...input, algorithm: 'rsa-pss-sha256', saltLength: 20 })).resolves.toBe(false)
  })

  it('parameters are read by RFC 4055, and what mixes digests is unknown', () => {
    const oid = der.oid('1.2.840.113549.1.1.10')
    const digest = (name: string) => der.sequence(der.oid(name), der.null())
    const mask = (name: string) => der.explicit(1, der.sequence(der.oid('1.2.840.113549.1.1.8'), digest(name)))
    const sha256 = '2.16.840.1.101.3.4.2.1'
    const read = (...members: Uint8Array[]) =>
      parseSignatureAlgorithm(parseDer(der.sequence(oid, der.sequence(...members))))
    expect(parseSignatureAlgorithm(parseDer(formatSignatureAlgorithm('rsa-pss-sha512')))).toEqual({
      algorithm: 'rsa-pss-sha512',
      saltLength: 64,
    })
    expect(read()).toEqual({ algorithm: 'rsa-pss-sha1', saltLength: 20 })
    expect(read(der.explicit(0, digest(sha256)), mask(sha256))).toEqual({ algorithm: 'rsa-pss-sha256', saltLength: 20 })
    const unknown = { algorithm: 'unknown' }
    expect(read(der.explicit(0, digest(sha256)))).toEqual(unknown)
    expect(read(mask(sha256), der.explicit(0, digest(sha256)))).toEqual(unknown)
    expect(read(der.explicit(0, digest('1.2.156.10197.1.401')), mask('1.2.156.10197.1.401'))).toEqual(unknown)
    expect(read(der.explicit(2, der.integer(-1)))).toEqual(unknown)
    expect(read(der.explicit(2, der.integer(100_000)))).toEqual(unknown)
    expect(read(der.explicit(3, der.integer(2)))).toEqual(unknown)
  })
})

describe('DSA', () => {
  const pair = nodeCrypto.generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })
  const publicKey = publicKeyOf(pair)

  it('verifies only where it is asked for, and with SHA-1 only where that is too', async () => {
    const input = { publicKey, message, signature: nodeCrypto.sign('sha256', message, pair.privateKey) }
    await expect(verifySignature({ ...input, algorithm: 'dsa-sha256' })).rejects.toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
    })
    await expect(verifySignature({ ...input, algorithm: 'dsa-sha256', [allowDsa]: true })).resolves.toBe(true)
    await expect(
      verifySignature({ ...input, message: utf8('other'), algorithm: 'dsa-sha256', [allowDsa]: true }),
    ).resolves.toBe(false)
    const old = {
      ...input,
      algorithm: 'dsa-sha1',
      signature: nodeCrypto.sign('sha1', message, pair.privateKey),
    } as const
    await expect(verifySignature({ ...old, [allowDsa]: true })).rejects.toMatchObject({
      code: 'ERR_CRYPTO_SHA1_REFUSED',
    })
    await expect(verifySignature({ ...old, [allowDsa]: true, [allowSha1]: true })).resolves.toBe(true)
  })

  it('is not available outside Node, and says so', async () => {
    await expect(webEngine.verify('dsa-sha256', publicKey, message, new Uint8Array(70))).rejects.toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
    })
  })

  it('keys with numbers that only stall are refused', () => {
    const huge = der.unsignedInteger(new Uint8Array(100_000).fill(255))
    const spki = (...parameters: Uint8Array[]) =>
      der.sequence(
        der.sequence(der.oid('1.2.840.10040.4.1'), der.sequence(...parameters)),
        der.bitString(der.integer(5)),
      )
    for (const parameters of [[huge, huge, huge], [der.integer(7), der.integer(3), der.integer(2)], []]) {
      expect(() => parsePublicKey(spki(...parameters))).toThrow(
        expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' }),
      )
    }
  })
})

describeWithOpenssl('certificates that openssl signs (skipped when it is missing)', () => {
  const forms = {
    'rsa-pss-sha384': [
      '-sha384',
      '-newkey',
      'rsa:2048',
      '-sigopt',
      'rsa_padding_mode:pss',
      '-sigopt',
      'rsa_pss_saltlen:17',
    ],
    'rsa-sha1': ['-sha1', '-newkey', 'rsa:2048'],
    'ecdsa-sha1': ['-sha1', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ed25519: ['-newkey', 'ed25519'],
    'ecdsa-p521-sha512': ['-sha512', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  } as const

  function selfSigned({ path, openssl, read }: Workbench, words: readonly string[]): Uint8Array {
    openssl(
      'req',
      '-x509',
      '-nodes',
      '-subj',
      '/CN=sample',
      ...words,
      '-keyout',
      path('key.pem'),
      '-out',
      path('c.pem'),
    )
    return read('c.pem')
  }

  it.each(Object.entries(forms))('are verified: %s', (algorithm, words) =>
    withWorkbench(async (bench) => {
      const certificate = parseCertificate(selfSigned(bench, words))
      expect(certificate.signatureAlgorithm).toBe(algorithm)
      const verify = () => verifyCertificateSignature(certificate, certificate.publicKey)
      const weak = algorithm.endsWith('sha1')
      if (weak) await expect(verify()).rejects.toMatchObject({ code: 'ERR_CRYPTO_SHA1_REFUSED' })
      else await expect(verify()).resolves.toBe(true)
      await expect(verifyCertificateSignature(certificate, certificate.publicKey, { [allowSha1]: true })).resolves.toBe(
        true,
      )
    }),
  )

  it('with SHA-1 lead to an anchor only on request', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const extensions = file('ca.cnf', '[ca]\nbasicConstraints=critical,CA:TRUE\n')
      selfSigned({ path, openssl, read } as Workbench, ['-newkey', 'rsa:2048'])
      openssl(
        'req',
        '-new',
        '-nodes',
        '-newkey',
        'rsa:2048',
        '-subj',
        '/CN=leaf',
        '-keyout',
        path('l.key'),
        '-out',
        path('l.csr'),
      )
      const signing = ['-req', '-in', path('l.csr'), '-CA', path('c.pem'), '-CAkey', path('key.pem'), '-CAcreateserial']
      openssl('x509', ...signing, '-sha1', '-extfile', extensions, '-out', path('l.pem'))
      const [leaf, root] = [parseCertificate(read('l.pem')), parseCertificate(read('c.pem'))]
      const question = { leaf, anchors: [root], at: new Date() }
      expect((await verifyCertificatePath(question)).status).toBe('untrusted')
      expect((await verifyCertificatePath({ ...question, [allowSha1]: true })).status).toBe('trusted')
    }))
})
