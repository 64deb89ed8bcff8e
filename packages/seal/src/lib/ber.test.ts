import { fromHex, isZhichengError, toHex } from '@zhicheng/core'
import { der } from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import { definiteLengths } from './ber.ts'

describe('definite lengths', () => {
  it('replaces indefinite lengths and joins strings in pieces', () => {
    // SEQUENCE { OCTET STRING in two pieces, SEQUENCE { INTEGER 5 } }, everything indefinite.
    const ber = fromHex('30802480040201020402030400003080020105000000000000')
    expect(toHex(definiteLengths(ber))).toBe(
      toHex(der.sequence(der.octetString(fromHex('01020304')), der.sequence(der.integer(5)))),
    )
  })

  it('leaves DER as it is', () => {
    const value = der.sequence(
      der.oid('1.2.156.10197.1.401'),
      der.octetString(new Uint8Array(300)),
      der.setOf(der.integer(7)),
    )
    expect(definiteLengths(value)).toEqual(value)
  })

  it('refuses a crowd of values with a code', () => {
    const crowd = new Uint8Array(2 * 150_000 + 4).fill(0)
    crowd.set([0x30, 0x80])
    for (let at = 2; at < crowd.length - 2; at += 2) crowd[at] = 0x05
    expect(() => definiteLengths(crowd)).toThrow(expect.objectContaining({ code: 'ERR_SEAL_CONTENTS' }))
  })

  it('refuses every truncation and a bomb of nested values with a code', () => {
    const ber = fromHex('308024800402010204020304000030800201050000')
    const inputs = Array.from({ length: ber.length }, (_, length) => ber.subarray(0, length))
    inputs.push(new Uint8Array(200_000).map((_, index) => (index % 2 === 0 ? 0x30 : 0x80)))
    for (const input of inputs) {
      try {
        definiteLengths(input)
        expect.unreachable('It should have been refused.')
      } catch (error) {
        if (!isZhichengError(error)) throw error
        expect(error.code).toBe('ERR_SEAL_CONTENTS')
      }
    }
  })
})
