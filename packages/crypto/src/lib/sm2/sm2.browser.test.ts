import { describe, expect, it } from 'vitest'
import { nobleSign, nobleSm2, nobleVerify } from '../../../test/noble-sm2.ts'
import {
  sm2MultiplyPoint,
  sm2Order,
  sm2PublicPoint,
  sm2RandomScalar,
  sm2SignDigest,
  sm2VerifyDigest,
  toBytes32,
} from './sm2.ts'

describe('SM2 in a browser', () => {
  it('multiplies points as @noble/curves does, before and after there is a table', () => {
    const scalars = [1n, 2n, 16n, 17n, sm2Order / 2n, sm2Order / 2n + 1n, sm2Order - 1n]
    for (const scalar of [...scalars, ...Array.from({ length: 20 }, sm2RandomScalar)]) {
      const point = nobleSm2.BASE.multiply(scalar)
      expect(sm2PublicPoint(scalar)).toEqual(point.toBytes(false))
      const factor = sm2RandomScalar()
      expect(sm2MultiplyPoint(point.toBytes(false), factor)).toEqual(point.multiply(factor).toBytes(false))
    }
  })

  it('signs and verifies as @noble/curves does', () => {
    const d = sm2RandomScalar()
    const point = nobleSm2.BASE.multiply(d)
    for (let round = 0; round < 20; round += 1) {
      const [e, k] = [sm2RandomScalar(), sm2RandomScalar()] as const
      const signature = sm2SignDigest(d, toBytes32(e), () => k)
      expect(signature).toEqual(nobleSign(d, e, k))
      for (const s of [signature.s, signature.s ^ 1n]) {
        const changed = { r: signature.r, s }
        const expected = nobleVerify(point, e, changed)
        expect(expected).toBe(s === signature.s)
        expect(sm2VerifyDigest(point.toBytes(false), toBytes32(e), changed)).toBe(expected)
      }
    }
  })
})
