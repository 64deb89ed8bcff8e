import * as nodeCrypto from 'node:crypto'
import { concatBytes, toHex } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { der, parseDer, readBitString } from './der.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { formatPrivateKeyPem, type PrivateKey, parsePrivateKey } from './private-key.ts'
import { formatPublicKeyPem } from './public-key.ts'
import { encryptSm2 } from './sm2-encryption.ts'
import { createSm2EnvelopedKey, openSm2EnvelopedKey } from './sm2-enveloped-key.ts'
import { exportSm2PrivateScalar, exportSm2PublicPoint } from './sm2-key-format.ts'
import { encryptSm4 } from './sm4.ts'

async function newKey(): Promise<PrivateKey> {
  return parsePrivateKey((await generateKeyPair('sm2')).privateKeyPem)
}

const signing = await newKey()
const encryption = await newKey()
const owner = { privateKey: signing }
const recipient = { publicKey: signing.publicKey! }
const scalar = exportSm2PrivateScalar(encryption).reveal()
const sm4Key = new Uint8Array(nodeCrypto.randomBytes(16))

interface EnvelopeParts {
  algorithm?: Uint8Array
  key?: Uint8Array
  point?: Uint8Array
  /** What SM4 encrypts. */
  number?: Uint8Array
  more?: Uint8Array
}

function envelope({ algorithm, key = sm4Key, point, number = scalar, more }: EnvelopeParts): Uint8Array {
  return der.sequence(
    algorithm ?? der.sequence(der.oid('1.2.156.10197.1.104.1'), der.null()),
    encryptSm2({ ...recipient, layout: 'der' }, key),
    der.bitString(point ?? exportSm2PublicPoint(encryption.publicKey!)),
    der.bitString(encryptSm4({ mode: 'ecb', padding: 'none', key: sm4Key }, number)),
    ...(more ? [more] : []),
  )
}

describe('an enveloped key', () => {
  it('leads from createSm2EnvelopedKey to the same key', () => {
    const opened = openSm2EnvelopedKey(owner, createSm2EnvelopedKey(recipient, encryption))
    expect(opened).toEqual(encryption)
    expect(exportSm2PrivateScalar(opened).reveal()).toEqual(scalar)
  })

  it('is made with another SM4 key each time', () => {
    const made = [createSm2EnvelopedKey(recipient, encryption), createSm2EnvelopedKey(recipient, encryption)]
    const [first, second] = made.map((bytes) => toHex(readBitString(parseDer(bytes).children[3])))
    expect(first).not.toBe(second)
  })

  it.each([
    ['SM4 by its general name', { algorithm: der.sequence(der.oid('1.2.156.10197.1.104'), der.null()) }],
    ['no parameters', { algorithm: der.sequence(der.oid('1.2.156.10197.1.104.1')) }],
    ['a number of 64 bytes', { number: concatBytes(new Uint8Array(32), scalar) }],
  ])('may have %s', (_what, parts) => {
    expect(openSm2EnvelopedKey(owner, envelope(parts))).toEqual(encryption)
  })

  it.each<[string, EnvelopeParts, string]>([
    ['SM1', { algorithm: der.sequence(der.oid('1.2.156.10197.1.102'), der.null()) }, 'ERR_CRYPTO_UNSUPPORTED'],
    ['SM4 in CBC', { algorithm: der.sequence(der.oid('1.2.156.10197.1.104.2')) }, 'ERR_CRYPTO_UNSUPPORTED'],
    [
      'parameters',
      { algorithm: der.sequence(der.oid('1.2.156.10197.1.104.1'), der.octetString(sm4Key)) },
      'ERR_CRYPTO_UNSUPPORTED',
    ],
    ['a bare name of the cipher', { algorithm: der.oid('1.2.156.10197.1.104.1') }, 'ERR_DER_INVALID'],
    ['a fifth part', { more: der.null() }, 'ERR_DER_INVALID'],
    ['an SM4 key of 32 bytes', { key: concatBytes(sm4Key, sm4Key) }, 'ERR_CRYPTO_KEY_INVALID'],
    ['a number of 16 bytes', { number: scalar.subarray(16) }, 'ERR_CRYPTO_KEY_INVALID'],
    ['a number of 48 bytes', { number: concatBytes(new Uint8Array(16), scalar) }, 'ERR_CRYPTO_KEY_INVALID'],
    [
      'a number of 64 bytes that does not begin with zeros',
      { number: concatBytes(new Uint8Array(31), Uint8Array.of(1), scalar) },
      'ERR_CRYPTO_KEY_INVALID',
    ],
    ['a number of zero', { number: new Uint8Array(32) }, 'ERR_CRYPTO_KEY_INVALID'],
    ['the wrong SM4 key', { key: nodeCrypto.randomBytes(16) }, 'ERR_CRYPTO_KEY_MISMATCH'],
    ['another public key', { point: exportSm2PublicPoint(signing.publicKey!) }, 'ERR_CRYPTO_KEY_MISMATCH'],
    ['a point off the curve', { point: new Uint8Array(65).fill(4) }, 'ERR_CRYPTO_KEY_INVALID'],
  ])('is refused with %s', (_what, parts, code) => {
    expect(() => openSm2EnvelopedKey(owner, envelope(parts))).toThrow(expect.objectContaining({ code }))
  })

  it('is refused if any byte of it is changed or missing', () => {
    const bytes = createSm2EnvelopedKey(recipient, encryption)
    const coded = expect.objectContaining({ code: expect.stringMatching(/^ERR_(DER|CRYPTO|SM2|PEM)_/) })
    // The last bytes of the public key are compared, those of the number decide: each place counts.
    for (let index = 0; index < bytes.length; index += 1) {
      // NULL and OID of the cipher have other valid forms, which the cases above name.
      const changed = bytes.slice()
      changed[index]! ^= 0x41
      expect(() => openSm2EnvelopedKey(owner, changed)).toThrow(coded)
      expect(() => openSm2EnvelopedKey(owner, bytes.subarray(0, index))).toThrow(coded)
    }
    expect(() => openSm2EnvelopedKey(owner, concatBytes(bytes, Uint8Array.of(0)))).toThrow(coded)
  })

  it('is refused by another owner and for keys that are not SM2', async () => {
    const bytes = createSm2EnvelopedKey(recipient, encryption)
    const code = (name: string) => expect.objectContaining({ code: name })
    expect(() => openSm2EnvelopedKey({ privateKey: encryption }, bytes)).toThrow(code('ERR_SM2_CIPHERTEXT_INVALID'))
    const pair = await generateKeyPair('ec-p256')
    const other = parsePrivateKey(pair.privateKeyPem)
    expect(() => openSm2EnvelopedKey({ privateKey: other }, bytes)).toThrow(code('ERR_CRYPTO_KEY_INVALID'))
    expect(() => createSm2EnvelopedKey({ publicKey: pair.publicKey }, encryption)).toThrow(
      code('ERR_CRYPTO_KEY_INVALID'),
    )
    expect(() => createSm2EnvelopedKey(recipient, other)).toThrow(code('ERR_CRYPTO_KEY_INVALID'))
  })
})

describeWithOpenssl('an enveloped key beside the openssl command', () => {
  it('is one that openssl could have made, part by part, and could open', async () => {
    await withWorkbench((bench) => {
      const [pub, key] = [
        bench.file('pub.pem', formatPublicKeyPem(recipient.publicKey)),
        bench.file('key.pem', formatPrivateKeyPem(signing)),
      ]
      const ecb = ['enc', '-sm4-ecb', '-nopad'] as const
      bench.openssl(
        'pkeyutl',
        '-encrypt',
        '-pubin',
        '-inkey',
        pub,
        '-in',
        bench.file('k', sm4Key),
        '-out',
        bench.path('ck'),
      )
      bench.openssl(...ecb, '-K', toHex(sm4Key), '-in', bench.file('d', scalar), '-out', bench.path('cd'))
      const theirs = der.sequence(
        der.sequence(der.oid('1.2.156.10197.1.104.1'), der.null()),
        bench.read('ck'),
        der.bitString(encryption.publicKey!.keyBytes),
        der.bitString(bench.read('cd')),
      )
      expect(openSm2EnvelopedKey(owner, theirs)).toEqual(encryption)

      const [, cipher, , number] = parseDer(createSm2EnvelopedKey(recipient, encryption)).children
      bench.openssl(
        'pkeyutl',
        '-decrypt',
        '-inkey',
        key,
        '-in',
        bench.file('c', cipher!.bytes),
        '-out',
        bench.path('o'),
      )
      const input = bench.file('n', readBitString(number))
      bench.openssl(...ecb, '-d', '-K', toHex(bench.read('o')), '-in', input, '-out', bench.path('s'))
      expect(bench.read('s')).toEqual(scalar)
    })
  })
})
