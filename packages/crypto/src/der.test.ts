import { isZhichengError } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { der, parseDer, parseDerPrefix } from './der.ts'

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (isZhichengError(error)) return error.code
    throw error
  }
}

/** A SEQUENCE of SEQUENCEs of NULLs: two bytes of input for each value of the tree. */
function crowd(groups: number, members: number): Uint8Array {
  const group = der.sequence(Array.from({ length: members }, () => der.null()))
  return der.sequence(Array.from({ length: groups }, () => group))
}

describe('reading DER', () => {
  it('refuses more values than allowed, counted over all levels together', () => {
    const values = crowd(3, 4)
    expect(parseDer(values, { maxNodes: 16 }).children).toHaveLength(3)
    expect(codeOf(() => parseDer(values, { maxNodes: 15 }))).toBe('ERR_DER_INVALID')
    expect(codeOf(() => parseDerPrefix(values, { maxNodes: 15 }))).toBe('ERR_DER_INVALID')
  })

  it('refuses a crowd of two-byte values that fits the limit of bytes', () => {
    expect(codeOf(() => parseDer(crowd(3, 70_000)))).toBe('ERR_DER_INVALID')
    expect(parseDer(crowd(2, 70_000)).children).toHaveLength(2)
  })
})

describe('writing DER', () => {
  it('takes members one by one and as arrays of any length', () => {
    const [one, two] = [der.integer(1), der.integer(2)]
    expect(der.sequence([one, two])).toEqual(der.sequence(one, two))
    expect(der.sequence(one, [two])).toEqual(der.sequence(one, two))
    expect(der.setOf([two, one])).toEqual(der.setOf(one, two))
    expect(der.explicit(0, [one, two])).toEqual(der.explicit(0, one, two))
    const many = der.sequence(Array.from({ length: 300_000 }, () => der.null()))
    expect(many.length).toBe(600_000 + 5)
  })
})
