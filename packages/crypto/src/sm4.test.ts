import { execFileSync } from 'node:child_process'
import * as nodeCrypto from 'node:crypto'
import { inspect } from 'node:util'
import { concatBytes, fromHex, secret, toHex, utf8 } from '@zhicheng/core'
// @ts-expect-error the older peer has no types
import olderPeer from 'sm-crypto'
import { sm4 as peer } from 'sm-crypto-v2'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { engine } from '#engine'
import { describeWithOpenssl } from '../test/tools.ts'
import vectors from '../test/vectors/encryption-vectors.json' with { type: 'json' }
import { javaScriptSm4 } from './lib/sm4/sm4-javascript.ts'
import { nodeSm4, openssl } from './lib/sm4/sm4-native.ts'
import { decryptSm4, encryptSm4, type Sm4Parameters } from './sm4.ts'

const key = fromHex(vectors.sm4Ecb.key)
const iv = fromHex(vectors.sm4CbcPkcs7.iv)
const invalid = expect.objectContaining({ code: 'ERR_SM4_INVALID' })
const tagMismatch = expect.objectContaining({ code: 'ERR_SM4_TAG_MISMATCH' })

afterEach(() => {
  vi.restoreAllMocks()
})

function random(length: number): Uint8Array {
  return new Uint8Array(nodeCrypto.randomBytes(length))
}

const parametersOfEachMode: readonly (readonly [string, Sm4Parameters])[] = [
  ['ecb', { mode: 'ecb', key }],
  ['cbc', { mode: 'cbc', key, iv }],
  ['ctr', { mode: 'ctr', key, iv }],
  ['gcm', { mode: 'gcm', key, iv: iv.subarray(4), additionalData: utf8('header') }],
  ['ccm', { mode: 'ccm', key, iv: iv.subarray(4), additionalData: utf8('header') }],
]

describe.each([
  ['OpenSSL', () => openssl],
  ['Node, by length', nodeSm4],
  ['JavaScript', () => javaScriptSm4],
])('SM4 by %s', (_name, modes) => {
  it('gives the examples of GB/T 32907 A.1, and of A.2 after a million rounds', () => {
    const { plain, cipher, cipherAfterOneMillionRounds } = vectors.sm4Ecb
    expect(toHex(modes().ecb('encrypt', key, fromHex(plain)))).toBe(cipher.toLowerCase())
    expect(toHex(modes().ecb('decrypt', key, fromHex(cipher)))).toBe(plain.toLowerCase())
    // CBC over zeros encrypts the block before it again and again, and so comes from A.1 to A.2.
    const last = modes()
      .cbc('encrypt', key, fromHex(cipher), new Uint8Array(16 * 999_999))
      .slice(-16)
    expect(toHex(last)).toBe(cipherAfterOneMillionRounds.toLowerCase())
  })

  it('gives the CBC, GCM and CCM of the published examples', () => {
    vi.spyOn(engine, 'sm4').mockImplementation(modes)
    const { sm4CbcPkcs7, sm4Gcm, sm4Ccm } = vectors
    const cbc = encryptSm4({ mode: 'cbc', key, iv }, utf8(sm4CbcPkcs7.plainUtf8))
    expect(toHex(cbc)).toBe(sm4CbcPkcs7.cipher.toLowerCase())
    for (const [mode, vector] of [
      ['gcm', sm4Gcm],
      ['ccm', sm4Ccm],
    ] as const) {
      const parameters = { mode, key: fromHex(vector.key), iv: fromHex(vector.iv), additionalData: fromHex(vector.aad) }
      const sealed = encryptSm4(parameters, fromHex(vector.plain))
      expect(toHex(sealed)).toBe((vector.cipher + vector.tag).toLowerCase())
      expect(toHex(decryptSm4(parameters, sealed))).toBe(vector.plain.toLowerCase())
    }
  })

  it.each(parametersOfEachMode)('leads back to the text at every length around a block in %s', (_mode, parameters) => {
    vi.spyOn(engine, 'sm4').mockImplementation(modes)
    for (const length of [...Array(71).keys(), 4095, 4096, 70_001]) {
      const text = random(length)
      expect(decryptSm4(parameters, encryptSm4(parameters, text))).toEqual(text)
    }
  })
})

describe('the two engines of SM4', () => {
  it('are not the same one here', () => {
    expect(nodeSm4()).not.toBe(javaScriptSm4)
    expect(engine.sm4()).toBe(nodeSm4())
  })

  it('agree in ECB, CBC and CTR at all lengths, on large inputs, and where the counter overflows', () => {
    for (const blocks of [...Array(6).keys(), 255, 300_000]) {
      const [anyKey, start, input] = [random(16), random(16), random(blocks * 16)]
      for (const direction of ['encrypt', 'decrypt'] as const) {
        expect(digest(javaScriptSm4.ecb(direction, anyKey, input))).toBe(digest(openssl.ecb(direction, anyKey, input)))
        expect(digest(javaScriptSm4.cbc(direction, anyKey, start, input))).toBe(
          digest(openssl.cbc(direction, anyKey, start, input)),
        )
      }
    }
    for (const length of [...Array(71).keys(), 5_000_001]) {
      for (const fixed of [0, 4, 8, 12, 16]) {
        const [anyKey, input] = [random(16), random(length)]
        // Ones from some byte on: the count carries over all of them.
        const start = concatBytes(random(fixed), new Uint8Array(16 - fixed).fill(0xff))
        expect(digest(javaScriptSm4.ctr(anyKey, start, input))).toBe(digest(openssl.ctr(anyKey, start, input)))
      }
    }
  })

  it('agree in GCM and CCM whatever the IV, the tag and the additional data', () => {
    for (let length = 0; length <= 70; length += 1) {
      const [anyKey, text, additionalData] = [random(16), random(length), random((length * 7) % 50)]
      const parameters: readonly Sm4Parameters[] = [
        { mode: 'gcm', key: anyKey, iv: random(1 + length), additionalData, tagLength: 12 + (length % 5) },
        { mode: 'ccm', key: anyKey, iv: random(7 + (length % 7)), additionalData, tagLength: 4 + 2 * (length % 7) },
      ]
      for (const each of parameters) {
        const spy = vi.spyOn(engine, 'sm4').mockImplementation(() => openssl)
        const native = encryptSm4(each, text)
        spy.mockImplementation(() => javaScriptSm4)
        expect(encryptSm4(each, text)).toEqual(native)
        expect(decryptSm4(each, native)).toEqual(text)
        spy.mockRestore()
      }
    }
  })
})

function digest(bytes: Uint8Array): string {
  return nodeCrypto.createHash('sha256').update(bytes).digest('hex')
}

describe('SM4 beside other implementations', () => {
  it('gives what sm-crypto-v2 gives in ECB, CBC and GCM', () => {
    for (let length = 0; length <= 70; length += 1) {
      const [anyKey, start, text] = [random(16), random(16), random(length)]
      const array = { output: 'array' } as const
      expect(encryptSm4({ mode: 'ecb', key: anyKey }, text)).toEqual(peer.encrypt(text, anyKey, array))
      expect(encryptSm4({ mode: 'cbc', key: anyKey, iv: start }, text)).toEqual(
        peer.encrypt(text, anyKey, { mode: 'cbc', iv: start, ...array }),
      )
      const additionalData = random(length % 40)
      // The peer takes any length of IV: 12 bytes, and others that are hashed first.
      const nonce = random(length === 70 ? 20_000 : length % 2 === 0 ? 12 : 1 + length)
      const options = { mode: 'gcm', iv: nonce, associatedData: additionalData, outputTag: true, ...array } as const
      const { output, tag } = peer.encrypt(text, anyKey, options)
      const parameters = { mode: 'gcm', key: anyKey, iv: nonce, additionalData } as const
      expect(encryptSm4(parameters, text)).toEqual(concatBytes(output, tag!))
      expect(decryptSm4(parameters, concatBytes(output, tag!))).toEqual(text)
    }
  })

  it('gives what sm-crypto gives in ECB and CBC', () => {
    const text = utf8('数字政务支撑')
    expect(toHex(encryptSm4({ mode: 'ecb', key }, text))).toBe(olderPeer.sm4.encrypt('数字政务支撑', toHex(key)))
    const cbc = olderPeer.sm4.encrypt('数字政务支撑', toHex(key), { mode: 'cbc', iv: toHex(iv) })
    expect(decryptSm4({ mode: 'cbc', key, iv }, fromHex(cbc as string))).toEqual(text)
  })
})

describeWithOpenssl('SM4 beside the openssl command', () => {
  const command = (input: Uint8Array, ...args: readonly string[]): Uint8Array =>
    new Uint8Array(execFileSync('openssl', ['enc', ...args], { input, stdio: ['pipe', 'pipe', 'pipe'] }))

  it('encrypts and decrypts as openssl enc does in ECB, CBC and CTR', () => {
    for (const length of [0, 1, 15, 16, 17, 70, 100_000]) {
      const [anyKey, start, text] = [random(16), random(16), random(length)]
      for (const parameters of [
        { mode: 'ecb', key: anyKey },
        { mode: 'cbc', key: anyKey, iv: start },
        { mode: 'ctr', key: anyKey, iv: start },
      ] as const) {
        const args = [`-sm4-${parameters.mode}`, '-K', toHex(anyKey)]
        if (parameters.mode !== 'ecb') args.push('-iv', toHex(start))
        const encrypted = encryptSm4(parameters, text)
        expect(encrypted).toEqual(command(text, ...args))
        expect(decryptSm4(parameters, command(text, ...args))).toEqual(text)
        expect(command(encrypted, '-d', ...args)).toEqual(text)
      }
    }
  })
})

describe('encryptSm4 and decryptSm4', () => {
  it('take a key that is a secret', () => {
    const sealed = encryptSm4({ mode: 'ecb', key: secret(key) }, utf8('样例'))
    expect(decryptSm4({ mode: 'ecb', key: secret(key) }, sealed)).toEqual(utf8('样例'))
  })

  it('leave out the padding on request', () => {
    const blocks = random(48)
    for (const parameters of [
      { mode: 'ecb', key, padding: 'none' },
      { mode: 'cbc', key, iv, padding: 'none' },
    ] as const) {
      const encrypted = encryptSm4(parameters, blocks)
      expect(encrypted).toHaveLength(48)
      expect(decryptSm4(parameters, encrypted)).toEqual(blocks)
      expect(encryptSm4(parameters, new Uint8Array())).toHaveLength(0)
      expect(() => encryptSm4(parameters, random(47))).toThrow(invalid)
      expect(() => decryptSm4(parameters, random(47))).toThrow(invalid)
    }
  })

  it('do not change what they are given', () => {
    for (const [, parameters] of parametersOfEachMode) {
      const before = inspect(parameters)
      const text = random(40)
      const copy = text.slice()
      const sealed = encryptSm4(parameters, text)
      const sealedCopy = sealed.slice()
      decryptSm4(parameters, sealed)
      expect([text, sealed, inspect(parameters)]).toEqual([copy, sealedCopy, before])
    }
  })

  it.each(['gcm', 'ccm'] as const)('refuse a %s in which any bit of anything is changed', (mode) => {
    const parameters = { mode, key, iv: iv.subarray(0, 12), additionalData: utf8('header') } as const
    const sealed = encryptSm4(parameters, utf8('the text of a message'))
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      expect(() => decryptSm4(parameters, flip(sealed, bit))).toThrow(tagMismatch)
    }
    for (const changed of [
      { ...parameters, key: flip(key, 3) },
      { ...parameters, iv: flip(parameters.iv, 3) },
      { ...parameters, additionalData: utf8('Header') },
      { ...parameters, additionalData: new Uint8Array() },
      { ...parameters, tagLength: 14 },
    ]) {
      expect(() => decryptSm4(changed, sealed)).toThrow(tagMismatch)
    }
    expect(() => decryptSm4(parameters, sealed.subarray(0, sealed.length - 1))).toThrow(tagMismatch)
    expect(() => decryptSm4(parameters, sealed.subarray(0, 15))).toThrow(invalid)
    expect(() => decryptSm4(parameters, new Uint8Array())).toThrow(invalid)
  })

  it('say one and the same of every wrong padding', () => {
    const messages = new Set<string>()
    const block = (...end: readonly number[]) =>
      concatBytes(new Uint8Array(16 - end.length).fill(0x41), Uint8Array.from(end))
    const wrong = [
      block(0),
      block(17),
      block(255),
      block(3, 2),
      block(1, 3, 3),
      block(2, 3, 3),
      block(0, ...Array<number>(15).fill(16)),
    ]
    for (const end of wrong) {
      const encrypted = encryptSm4({ mode: 'cbc', key, iv, padding: 'none' }, concatBytes(random(16), end))
      try {
        decryptSm4({ mode: 'cbc', key, iv }, encrypted)
        throw new Error('accepted')
      } catch (error) {
        expect(error).toEqual(invalid)
        messages.add(JSON.stringify([(error as Error).message, (error as { facts?: unknown }).facts]))
      }
    }
    expect(messages.size).toBe(1)
    const right = encryptSm4({ mode: 'cbc', key, iv, padding: 'none' }, new Uint8Array(16).fill(16))
    expect(decryptSm4({ mode: 'cbc', key, iv }, right)).toHaveLength(0)
  })

  it.each([
    ['a key of 15 bytes', { mode: 'ecb', key: key.subarray(1) }],
    ['a key of 32 bytes', { mode: 'ecb', key: random(32) }],
    ['a key that is text', { mode: 'ecb', key: '0123456789abcdef' }],
    ['a secret that is text', { mode: 'ecb', key: secret('0123456789abcdef') }],
    ['no key', { mode: 'ecb' }],
    ['an IV of 12 bytes for CBC', { mode: 'cbc', key, iv: random(12) }],
    ['an IV that is text', { mode: 'cbc', key, iv: '0123456789abcdef' }],
    ['no counter', { mode: 'ctr', key }],
    ['a counter of 17 bytes', { mode: 'ctr', key, iv: random(17) }],
    ['an empty IV for GCM', { mode: 'gcm', key, iv: new Uint8Array() }],
    ['a GCM tag of 11 bytes', { mode: 'gcm', key, iv, tagLength: 11 }],
    ['a GCM tag of 17 bytes', { mode: 'gcm', key, iv, tagLength: 17 }],
    ['a GCM tag of 12.5 bytes', { mode: 'gcm', key, iv, tagLength: 12.5 }],
    ['additional data that is text', { mode: 'gcm', key, iv, additionalData: 'header' }],
    ['a nonce of 6 bytes', { mode: 'ccm', key, iv: random(6) }],
    ['a nonce of 14 bytes', { mode: 'ccm', key, iv: random(14) }],
    ['a CCM tag of 2 bytes', { mode: 'ccm', key, iv: random(12), tagLength: 2 }],
    ['a CCM tag of 5 bytes', { mode: 'ccm', key, iv: random(12), tagLength: 5 }],
    ['a CCM tag of 18 bytes', { mode: 'ccm', key, iv: random(12), tagLength: 18 }],
    ['additional data for CCM that is text', { mode: 'ccm', key, iv: random(12), additionalData: 'header' }],
    ['a padding by another name', { mode: 'cbc', key, iv, padding: 'pkcs5' }],
    ['a mode by another name', { mode: 'xts', key, iv }],
  ])('refuse %s', (_what, parameters) => {
    expect(() => encryptSm4(parameters as unknown as Sm4Parameters, new Uint8Array(32))).toThrow(invalid)
    expect(() => decryptSm4(parameters as unknown as Sm4Parameters, new Uint8Array(32))).toThrow(invalid)
  })

  it('refuse a text in place of bytes', () => {
    expect(() => encryptSm4({ mode: 'ecb', key }, 'text' as unknown as Uint8Array)).toThrow(invalid)
    expect(() => decryptSm4({ mode: 'ecb', key }, 'text' as unknown as Uint8Array)).toThrow(invalid)
  })

  it('refuse a ciphertext that is cut off', () => {
    for (const length of [0, 1, 15, 17]) {
      expect(() => decryptSm4({ mode: 'ecb', key }, random(length))).toThrow(invalid)
      expect(() => decryptSm4({ mode: 'cbc', key, iv }, random(length))).toThrow(invalid)
    }
  })

  it('keep to the limits of CCM and GCM', () => {
    const withNonce = (length: number) => ({ mode: 'ccm', key, iv: random(length) }) as const
    const parameters = withNonce(13)
    const largest = random(65_535)
    expect(decryptSm4(parameters, encryptSm4(parameters, largest))).toEqual(largest)
    expect(() => encryptSm4(parameters, random(65_536))).toThrow(invalid)
    expect(() => decryptSm4(parameters, random(65_536 + 16))).toThrow(invalid)
    const larger = random(65_536)
    const shorterNonce = withNonce(12)
    expect(decryptSm4(shorterNonce, encryptSm4(shorterNonce, larger))).toEqual(larger)
    // Nobody has 64 GiB at hand, so the length is made up.
    const huge = (length: number) => Object.defineProperty(new Uint8Array(), 'length', { value: length })
    expect(() => encryptSm4({ mode: 'gcm', key, iv }, huge(2 ** 36 - 31))).toThrow(/at most 68719476704 bytes/)
    expect(() => encryptSm4({ ...withNonce(7), additionalData: huge(2 ** 32) }, utf8('x'))).toThrow(invalid)
  })

  it('show no key in an error', () => {
    const odd = secret(random(15))
    try {
      encryptSm4({ mode: 'ecb', key: odd }, utf8('x'))
      throw new Error('accepted')
    } catch (error) {
      expect(error).toEqual(invalid)
      const shown = inspect(error, { depth: 5 })
      expect(shown).not.toContain(toHex(odd.reveal()))
      expect(shown).not.toContain([...odd.reveal()].join(', '))
    }
  })
})

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice()
  changed[bit >> 3]! ^= 1 << (bit & 7)
  return changed
}
