import * as nodeCrypto from 'node:crypto'
import { createRequire } from 'node:module'
import { toHex } from '@zhicheng/core'
import { sm3 as peer } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { createSm3 } from './sm3.ts'

const older = createRequire(import.meta.url)('sm-crypto') as { sm3(message: Uint8Array): string }

describe('SM3 in JavaScript', () => {
  it('agrees with OpenSSL, sm-crypto-v2 and sm-crypto on 1,000 random messages, cut anywhere', () => {
    for (let round = 0; round < 1000; round += 1) {
      const message = new Uint8Array(nodeCrypto.randomBytes(nodeCrypto.randomInt(700)))
      const state = createSm3()
      for (let from = 0; from < message.length; ) {
        const to = from + nodeCrypto.randomInt(200)
        state.update(message.subarray(from, to))
        from = to
      }
      const digest = toHex(state.digest())
      expect(digest).toBe(nodeCrypto.createHash('sm3').update(message).digest('hex'))
      if (round % 10 > 0) continue
      expect(digest).toBe(peer(message))
      expect(digest).toBe(older.sm3(message))
    }
  })

  it('reads views that begin in the middle of a buffer', () => {
    const whole = new Uint8Array(nodeCrypto.randomBytes(1000))
    for (const offset of [1, 3, 64, 65, 333]) {
      const view = whole.subarray(offset, offset + 500)
      expect(createSm3().update(view).digest()).toEqual(createSm3().update(view.slice()).digest())
    }
  })

  it('counts more than 2^32 bits', () => {
    const piece = new Uint8Array(2 ** 24).fill(0x5a)
    const state = createSm3()
    const expected = nodeCrypto.createHash('sm3')
    for (let count = 0; count < 33; count += 1) {
      state.update(piece)
      expected.update(piece)
    }
    expect(toHex(state.digest())).toBe(expected.digest('hex'))
  })
})
