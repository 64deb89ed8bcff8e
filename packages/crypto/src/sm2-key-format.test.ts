import * as nodeCrypto from 'node:crypto'
import { inspect } from 'node:util'
import { concatBytes, fromHex, secret, toHex } from '@zhicheng/core'
import { sm2 as peer } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/encryption-vectors.json' with { type: 'json' }
import { generateKeyPair } from './generate-key-pair.ts'
import { curves } from './lib/keys/curves.ts'
import { sm2Order, toBytes32 } from './lib/sm2/sm2.ts'
import { parsePrivateKey } from './private-key.ts'
import {
  exportSm2PrivateScalar,
  exportSm2PublicPoint,
  importSm2PrivateKey,
  importSm2PublicKey,
} from './sm2-key-format.ts'

const { d, Px, Py } = vectors.sm2Encrypt
const scalar = fromHex(d)
const point = fromHex(`04${Px}${Py}`)
const invalid = expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' })

describe('importSm2PrivateKey', () => {
  it.each([
    ['bytes', scalar],
    ['hex', d],
    ['lower-case hex', d.toLowerCase()],
    ['secret bytes', secret(scalar)],
    ['secret hex', secret(d)],
  ])('finds the public key of the number in %s', (_form, value) => {
    const privateKey = importSm2PrivateKey(value)
    expect(privateKey.publicKey?.keyBytes).toEqual(point)
    expect(exportSm2PrivateScalar(privateKey).reveal()).toEqual(scalar)
    expect(inspect(privateKey, { depth: 9, showHidden: true })).not.toContain(d.slice(2, 20).toLowerCase())
    expect(`${exportSm2PrivateScalar(privateKey)}`).toBe('[secret]')
  })

  it('takes the smallest and the largest number', () => {
    for (const value of [1n, sm2Order - 2n]) {
      const { publicKey } = importSm2PrivateKey(toBytes32(value))
      const ecdh = nodeCrypto.createECDH('SM2')
      ecdh.setPrivateKey(toBytes32(value))
      expect(toHex(publicKey!.keyBytes)).toBe(ecdh.getPublicKey('hex'))
    }
  })

  it.each([
    ['zero', new Uint8Array(32)],
    ['n - 1, with which nothing can be signed', toBytes32(sm2Order - 1n)],
    ['n', toBytes32(sm2Order)],
    ['n + 1', toBytes32(sm2Order + 1n)],
    ['the largest number of 32 bytes', new Uint8Array(32).fill(0xff)],
    ['a leading zero too many', concatBytes(Uint8Array.of(0), scalar)],
    ['a leading zero left out', toBytes32(1n << 240n).subarray(1)],
    ['nothing', new Uint8Array()],
    ['empty hex', ''],
    ['hex of 31 bytes', d.slice(2)],
    ['half a byte', d.slice(1)],
    ['another alphabet', d.replace('3', 'g')],
    ['hex with a prefix', `0x${d.slice(2)}`],
    ['a number', 5 as unknown as string],
    ['a secret number', secret(5n) as unknown as string],
  ])('refuses %s, and shows none of it', (_what, value) => {
    try {
      importSm2PrivateKey(value)
      throw new Error('accepted')
    } catch (error) {
      expect(error).toEqual(invalid)
      expect(inspect(error, { depth: 5 }).toLowerCase()).not.toContain(d.slice(4, 20).toLowerCase())
    }
  })
})

describe('importSm2PublicKey', () => {
  it('reads every form, and exportSm2PublicPoint writes it', () => {
    for (let index = 0; index < 20; index += 1) {
      const ecdh = nodeCrypto.createECDH('SM2')
      ecdh.generateKeys()
      const uncompressed = new Uint8Array(ecdh.getPublicKey())
      const compressed = new Uint8Array(ecdh.getPublicKey(null, 'compressed'))
      const publicKey = importSm2PublicKey(compressed)
      expect(publicKey).toEqual(importSm2PublicKey(uncompressed))
      expect(publicKey).toEqual(importSm2PublicKey(toHex(uncompressed.subarray(1))))
      expect(exportSm2PublicPoint(publicKey)).toEqual(uncompressed)
      expect(exportSm2PublicPoint(publicKey, 'compressed')).toEqual(compressed)
      expect(toHex(compressed)).toBe(peer.compressPublicKeyHex(toHex(uncompressed)))
      expect(exportSm2PublicPoint(publicKey, 'coordinates')).toEqual(uncompressed.subarray(1))
    }
  })

  it('gives bytes that are the caller’s own', () => {
    const publicKey = importSm2PublicKey(point)
    exportSm2PublicPoint(publicKey).fill(0)
    exportSm2PublicPoint(publicKey, 'coordinates').fill(0)
    expect(publicKey.keyBytes).toEqual(point)
  })

  it.each([
    ['the point at infinity', Uint8Array.of(0)],
    ['nothing', new Uint8Array()],
    ['one coordinate', point.subarray(1, 33)],
    ['a coordinate cut off', point.subarray(0, 64).slice(0, 63)],
    ['a byte too many', concatBytes(point, Uint8Array.of(0))],
    ['a leading zero before the coordinates', concatBytes(Uint8Array.of(0), point.subarray(1))],
    ['the hybrid form', concatBytes(Uint8Array.of(6), point.subarray(1))],
    ['another first byte of the compressed form', concatBytes(Uint8Array.of(4), point.subarray(1, 33))],
    ['a point off the curve', point.map((byte, index) => (index === 64 ? byte ^ 1 : byte))],
    ['coordinates of zero', new Uint8Array(64)],
    ['a coordinate of p', concatBytes(Uint8Array.of(2), toBytes32(curves.sm2.p))],
    ['hex that is none', 'point'],
    ['half a byte of hex', toHex(point).slice(1)],
  ])('refuses %s', (_what, value) => {
    expect(() => importSm2PublicKey(value)).toThrow(invalid)
  })
})

describe('the exports', () => {
  it('refuse keys of another kind, other forms, and objects that are no key', async () => {
    const pair = await generateKeyPair('ec-p256')
    expect(() => exportSm2PublicPoint(pair.publicKey)).toThrow(invalid)
    expect(() => exportSm2PrivateScalar(parsePrivateKey(pair.privateKeyPem))).toThrow(invalid)
    expect(() => exportSm2PrivateScalar({ kind: 'sm2' })).toThrow(invalid)
    expect(() => exportSm2PublicPoint(importSm2PublicKey(point), 'hybrid' as 'compressed')).toThrow(invalid)
  })
})
