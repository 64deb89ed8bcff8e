import * as nodeCrypto from 'node:crypto'
import { toHex, utf8 } from '@zhicheng/core'
import { sm3 as peerSm3 } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { vectors } from '../test/tools.ts'
import { createHash, digestOfOid, digestOid, hash, hmac } from './hash.ts'
import { engine as nodeEngine } from './lib/engines/engine-node.ts'
import { engine as webEngine } from './lib/engines/engine-web.ts'

const algorithms = ['sha1', 'sha256', 'sha384', 'sha512', 'sm3'] as const

function bytesOf({ message, repeat = '', times = 0 }: (typeof vectors.sm3)[number]): Uint8Array {
  return utf8(message ?? repeat.repeat(times))
}

describe.each([
  ['Node', nodeEngine],
  ['web', webEngine],
])('hashes of the %s engine', (_name, engine) => {
  it.each(vectors.sm3)('give the SM3 values of GB/T 32905: %j', (vector) => {
    expect(toHex(engine.createHash('sm3').update(bytesOf(vector)).digest())).toBe(vector.digest.toLowerCase())
  })

  it.each(algorithms)('give what OpenSSL gives for %s at every length around a block', (algorithm) => {
    for (let length = 0; length <= 260; length += 1) {
      const message = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff)
      const expected = nodeCrypto.createHash(algorithm).update(message).digest('hex')
      expect(toHex(engine.createHash(algorithm).update(message).digest())).toBe(expected)
    }
  })

  it.each(algorithms)('do not depend on how the input of %s is cut', (algorithm) => {
    const message = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff)
    const whole = engine.createHash(algorithm).update(message).digest()
    for (const step of [1, 3, 63, 64, 65, 127, 128, 129]) {
      const state = engine.createHash(algorithm)
      for (let offset = 0; offset < message.length; offset += step)
        state.update(message.subarray(offset, offset + step))
      expect(state.digest()).toEqual(whole)
    }
  })

  it.each(algorithms)('copy the state of %s without tying the copies together', (algorithm) => {
    const state = engine.createHash(algorithm).update(utf8('shared '))
    const copy = state.copy().update(utf8('left'))
    state.update(utf8('right'))
    expect(copy.digest()).toEqual(hash(algorithm, utf8('shared left')))
    expect(state.digest()).toEqual(hash(algorithm, utf8('shared right')))
  })

  it.each(algorithms)('refuse to go on with %s after the digest was taken', (algorithm) => {
    const state = engine.createHash(algorithm)
    state.digest()
    const refused = expect.objectContaining({ code: 'ERR_CRYPTO_HASH_FINISHED' })
    expect(() => state.digest()).toThrow(refused)
    expect(() => state.update(utf8('x'))).toThrow(refused)
    expect(() => state.copy()).toThrow(refused)
  })
})

describe('hmac', () => {
  it('gives the published HMAC-SM3', () => {
    const { key, message, mac } = vectors.hmacSm3
    expect(toHex(hmac('sm3', utf8(key), utf8(message)))).toBe(mac.toLowerCase())
  })

  it.each(algorithms)('agrees with OpenSSL for %s with keys shorter and longer than a block', (algorithm) => {
    for (const length of [0, 1, 63, 64, 65, 128, 129, 300]) {
      const key = new Uint8Array(length).fill(0x5a)
      const expected = nodeCrypto.createHmac(algorithm, key).update('part one, part two').digest('hex')
      expect(toHex(hmac(algorithm, key, utf8('part one, '), utf8('part two')))).toBe(expected)
    }
  })
})

describe('hash', () => {
  it('agrees with sm-crypto-v2 on Chinese text', () => {
    expect(toHex(hash('sm3', utf8('统一社会信用代码')))).toBe(peerSm3('统一社会信用代码'))
  })

  it('joins its parts', () => {
    expect(hash('sm3', utf8('ab'), utf8('c'))).toEqual(createHash('sm3').update(utf8('abc')).digest())
  })
})

describe('digest identifiers', () => {
  it('lead from each algorithm to its identifier and back', () => {
    for (const algorithm of algorithms) expect(digestOfOid(digestOid(algorithm))).toBe(algorithm)
  })

  it('take all three identifiers of SM3 and know no other', () => {
    expect(['1.2.156.10197.1.401', '1.2.156.10197.1.401.1', '1.2.156.10197.1.401.2'].map(digestOfOid)).toEqual([
      'sm3',
      'sm3',
      'sm3',
    ])
    expect(digestOfOid('1.2.840.113549.2.5')).toBeUndefined()
  })
})
