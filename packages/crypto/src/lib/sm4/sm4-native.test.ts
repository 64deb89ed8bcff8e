import * as nodeCrypto from 'node:crypto'
import { concatBytes, fromHex, toHex } from '@zhicheng/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import vectors from '../../../test/vectors/encryption-vectors.json' with { type: 'json' }
import { openGcm, sealGcm } from './gcm.ts'
import { javaScriptSm4 } from './sm4-javascript.ts'
import type { BlockCipherModes } from './sm4-modes.ts'

const key = fromHex(vectors.sm4Ecb.key)

/** The modes over a node:crypto in which some functions are replaced. */
async function modesOver(replaced: Partial<Record<keyof typeof nodeCrypto, unknown>>): Promise<BlockCipherModes> {
  vi.resetModules()
  vi.doMock('node:crypto', () => ({ ...nodeCrypto, ...replaced }))
  const { nodeSm4 } = await import('./sm4-native.ts')
  return nodeSm4()
}

afterEach(() => {
  vi.doUnmock('node:crypto')
  vi.resetModules()
})

/** A node:crypto with sm4-gcm, made of this package's GCM; `break` changes what it gives. */
function withGcm(break_: { tag?: boolean; acceptsAll?: boolean }): {
  calls: string[]
  replaced: Partial<Record<keyof typeof nodeCrypto, unknown>>
} {
  const calls: string[] = []
  class Cipher {
    readonly #input
    readonly #open
    #data: Uint8Array = new Uint8Array()
    #tag: Uint8Array = new Uint8Array()
    #text: Uint8Array = new Uint8Array()
    #fits = true
    constructor(open: boolean, cipherKey: Uint8Array, iv: Uint8Array, tagLength = 16) {
      this.#open = open
      this.#input = { key: cipherKey, iv, tagLength }
    }
    setAAD(data: Uint8Array): this {
      this.#data = data
      return this
    }
    setAuthTag(tag: Uint8Array): this {
      this.#tag = tag
      return this
    }
    update(text: Uint8Array): Buffer {
      calls.push(this.#open ? 'open' : 'seal')
      const input = { ...this.#input, additionalData: this.#data }
      if (this.#open) {
        const opened = openGcm(javaScriptSm4, input, concatBytes(text, this.#tag))
        this.#fits = opened !== undefined || break_.acceptsAll === true
        return Buffer.from(opened ?? text)
      }
      this.#text = sealGcm(javaScriptSm4, input, text)
      return Buffer.from(this.#text.subarray(0, text.length))
    }
    final(): Buffer {
      if (!this.#fits) throw new Error('unable to authenticate data')
      return Buffer.alloc(0)
    }
    getAuthTag(): Buffer {
      const tag = Buffer.from(this.#text.subarray(-16))
      if (break_.tag) tag[0]! ^= 1
      return tag
    }
  }
  return {
    calls,
    replaced: {
      getCiphers: () => [...nodeCrypto.getCiphers(), 'sm4-gcm'],
      createCipheriv: (name: string, cipherKey: Uint8Array, iv: Uint8Array) =>
        name === 'sm4-gcm' ? new Cipher(false, cipherKey, iv) : nodeCrypto.createCipheriv(name, cipherKey, iv),
      createDecipheriv: (name: string, cipherKey: Uint8Array, iv: Uint8Array, options?: { authTagLength: number }) =>
        name === 'sm4-gcm'
          ? new Cipher(true, cipherKey, iv, options?.authTagLength)
          : nodeCrypto.createDecipheriv(name, cipherKey, iv),
    },
  }
}

describe('SM4 of Node', () => {
  it('comes from OpenSSL, and is tried once', async () => {
    const createCipheriv = vi.fn(nodeCrypto.createCipheriv)
    const modes = await modesOver({ createCipheriv })
    expect(modes.gcm).toBe(undefined)
    const tries = createCipheriv.mock.calls.length
    const { nodeSm4 } = await import('./sm4-native.ts')
    expect(nodeSm4()).toBe(modes)
    expect(createCipheriv).toHaveBeenCalledTimes(tries)
    modes.ecb('encrypt', key, new Uint8Array(2048))
    expect(createCipheriv).toHaveBeenCalledTimes(tries + 1)
    // Short input is faster in JavaScript than a cipher of OpenSSL is set up.
    modes.ecb('encrypt', key, new Uint8Array(2032))
    expect(createCipheriv).toHaveBeenCalledTimes(tries + 1)
  })

  it.each([
    [
      'lacks it',
      () => {
        throw new Error('Unknown cipher')
      },
    ],
    ['encrypts to something else', () => nodeCrypto.createCipheriv('aes-128-ecb', key, null)],
  ])('comes from JavaScript where OpenSSL %s', async (_name, createCipheriv) => {
    const modes = await modesOver({ createCipheriv })
    expect(toHex(modes.ecb('encrypt', key, key))).toBe(vectors.sm4Ecb.cipher.toLowerCase())
    expect(modes.gcm).toBeUndefined()
  })

  it('gives plain arrays that share nothing with what they came from', async () => {
    const modes = await modesOver({})
    const input = new Uint8Array(4096)
    const first = modes.ecb('encrypt', key, input)
    const copy = first.slice()
    modes.ecb('encrypt', key, input.fill(1))
    expect(Buffer.isBuffer(first)).toBe(false)
    expect(first).toEqual(copy)
  })
})

describe('a native SM4-GCM', () => {
  const { sm4Gcm } = vectors
  const input = { key, iv: fromHex(sm4Gcm.iv), additionalData: fromHex(sm4Gcm.aad), tagLength: 16 }
  const sealed = (sm4Gcm.cipher + sm4Gcm.tag).toLowerCase()

  it('is used where it is listed and gives the example of RFC 8998', async () => {
    const { calls, replaced } = withGcm({})
    const modes = await modesOver(replaced)
    calls.length = 0
    expect(toHex(sealGcm(modes, input, fromHex(sm4Gcm.plain)))).toBe(sealed)
    expect(toHex(openGcm(modes, input, fromHex(sealed))!)).toBe(sm4Gcm.plain.toLowerCase())
    const shortened = sealGcm(modes, { ...input, tagLength: 12 }, fromHex(sm4Gcm.plain))
    expect(toHex(shortened)).toBe(sealed.slice(0, -8))
    expect(openGcm(modes, { ...input, tagLength: 12 }, shortened)).toBeDefined()
    shortened[70]! ^= 1
    expect(openGcm(modes, { ...input, tagLength: 12 }, shortened)).toBeUndefined()
    expect(calls).toEqual(['seal', 'open', 'seal', 'open', 'open'])
    const longer = { ...input, iv: new Uint8Array(129) }
    expect(openGcm(modes, longer, sealGcm(modes, longer, fromHex(sm4Gcm.plain)))).toBeDefined()
    expect(calls).toHaveLength(5)
  })

  it.each([{ tag: true }, { acceptsAll: true }])('is left alone where it is wrong: %j', async (fault) => {
    const { calls, replaced } = withGcm(fault)
    const modes = await modesOver(replaced)
    calls.length = 0
    expect(toHex(sealGcm(modes, input, fromHex(sm4Gcm.plain)))).toBe(sealed)
    expect(modes.gcm).toBeUndefined()
    expect(calls).toEqual([])
  })
})
