import { fromHex, isZhichengError, toHex } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import {
  der,
  parseDer,
  parseDerPrefix,
  readBitString,
  readBoolean,
  readInteger,
  readNamedBits,
  readOid,
  readSmallInteger,
  readText,
  readTime,
} from './der.ts'
import { sliceAt } from './lib/der/der-scan.ts'

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
    expect(codeOf(() => parseDer(crowd(3, 20_000)))).toBe('ERR_DER_INVALID')
    expect(parseDer(crowd(2, 20_000)).children).toHaveLength(2)
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

/** Hex with spaces, for the eye. */
const hex = (text: string): Uint8Array => fromHex(text.replace(/ /g, ''))
const node = (text: string) => parseDer(hex(text))

function offsetOf(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    if (isZhichengError(error) && error.code === 'ERR_DER_INVALID') return error.facts['offset']
    throw error
  }
  return 'accepted'
}

describe('what is no DER is refused, with the offset of the fault', () => {
  it.each([
    ['nothing', '', 0],
    ['half a header', '30', 0],
    ['a length past the end', '30 05 02 01 00', 0],
    ['a child longer than its parent', '30 03 02 02 00 ff', 2],
    ['an indefinite length', '30 80 02 01 00 00 00', 0],
    ['an indefinite length inside', '30 06 24 80 04 00 00 00', 2],
    ['an end mark', '30 04 00 00 05 00', 2],
    ['a long form for a short length', '30 81 03 02 01 00', 0],
    ['a length with a leading zero', `30 82 00 80 ${'05 00 '.repeat(64)}`, 0],
    ['a length of five bytes', '30 85 00 00 00 00 01 00', 0],
    ['a length of 127 bytes', `30 ff ${'01 '.repeat(127)}`, 0],
    ['a high tag number', '1f 81 00 00', 0],
    ['a byte behind the value', '30 00 00', 2],
    ['nesting without end', nest(60), 82],
  ])('%s', (_title, text, offset) => {
    expect(offsetOf(() => node(text))).toBe(offset)
  })

  it('by the walk without a tree as by the tree', () => {
    for (const text of ['', '30', '30 05 02', '30 80 00 00', '00 00', '30 81 00', '30 82 00 80 00', '1f 81 00']) {
      expect(
        codeOf(() => sliceAt(hex(text))),
        text,
      ).toBe('ERR_DER_INVALID')
    }
  })
})

/** SEQUENCEs one in another. */
function nest(depth: number): string {
  let inner = new Uint8Array()
  for (let level = 0; level < depth; level += 1) inner = der.sequence(inner)
  return toHex(inner)
}

describe('values that have another, shorter form are refused', () => {
  it.each([
    ['an INTEGER with a zero too many', () => readInteger(node('02 02 00 7f'))],
    ['a negative INTEGER with ones too many', () => readInteger(node('02 02 ff 80'))],
    ['an INTEGER of no bytes', () => readInteger(node('02 00'))],
    ['an INTEGER longer than any key', () => readInteger(parseDer(der.unsignedInteger(new Uint8Array(4097).fill(1))))],
    ['an INTEGER in constructed form', () => readInteger(node('22 03 02 01 05'))],
    ['a BOOLEAN other than 00 and FF', () => readBoolean(node('01 01 01'))],
    ['a BOOLEAN of two bytes', () => readBoolean(node('01 02 ff ff'))],
    ['an OBJECT IDENTIFIER with padding', () => readOid(node('06 03 2a 80 01'))],
    ['an OBJECT IDENTIFIER that is cut off', () => readOid(node('06 02 2a 86'))],
    ['an OBJECT IDENTIFIER of no bytes', () => readOid(node('06 00'))],
    ['an arc above 128 bits', () => readOid(node(`06 15 2a ${'ff '.repeat(19)}7f`))],
    ['a BIT STRING with unused bits where bytes are wanted', () => readBitString(node('03 02 01 02'))],
    ['a BIT STRING of no bytes', () => readBitString(node('03 00'))],
    ['named bits with more than seven unused', () => readNamedBits(node('03 02 08 80'))],
    ['named bits with an unused one set', () => readNamedBits(node('03 02 07 81'))],
    ['a UTCTime without seconds', () => readTime(der2('17', '2611240800Z'))],
    ['a UTCTime with a zone', () => readTime(der2('17', '261124080000+0800'))],
    ['a GeneralizedTime with zeros at its end', () => readTime(der2('18', '20261124080000.50Z'))],
    ['a GeneralizedTime with an empty fraction', () => readTime(der2('18', '20261124080000.Z'))],
    ['a GeneralizedTime in local time', () => readTime(der2('18', '20261124080000'))],
    ['30 February', () => readTime(der2('17', '260230080000Z'))],
    ['the 61st minute', () => readTime(der2('17', '260228086100Z'))],
    ['letters among the digits', () => readTime(der2('17', '2602280860xxZ'))],
    ['UTF-8 that is none', () => readText(node('0c 02 c0 80'))],
    ['half a character of a BMPString', () => readText(node('1e 01 00'))],
    ['a string in constructed form', () => readText(node('2c 03 0c 01 41'))],
  ])('%s', (_title, read) => {
    expect(codeOf(read)).toBe('ERR_DER_INVALID')
  })
})

function der2(identifier: string, text: string) {
  return parseDer(Uint8Array.of(Number.parseInt(identifier, 16), text.length, ...new TextEncoder().encode(text)))
}

describe('values come back as they were written', () => {
  it.each([0n, 1n, -1n, 127n, 128n, -128n, -129n, 255n, 256n, 2n ** 159n, -(2n ** 64n)])('INTEGER %s', (value) => {
    expect(readInteger(parseDer(der.integer(value)))).toBe(value)
  })

  it('INTEGER of thousands of bytes, either sign', () => {
    for (const value of [2n ** 32_000n - 1n, -(2n ** 32_000n)])
      expect(readInteger(parseDer(der.integer(value)))).toBe(value)
  })

  it('a small INTEGER keeps to its range', () => {
    expect(readSmallInteger(node('02 04 7f ff ff ff'))).toBe(2 ** 31 - 1)
    expect(codeOf(() => readSmallInteger(node('02 05 00 80 00 00 00')))).toBe('ERR_DER_INVALID')
  })

  it.each([
    '0.9.2342.19200300.100.1.25',
    '1.2.156.10197.1.501',
    '1.39.5',
    '2.5.29.37.0',
    '2.47.1',
    '2.999.340282366920938463463374607431768211455',
    '2.25.329800735698586629295641978511506172918',
    '1.2.840.9007199254740993',
  ])('OBJECT IDENTIFIER %s', (oid) => {
    expect(readOid(parseDer(der.oid(oid)))).toBe(oid)
  })

  it.each(['2026-11-24T08:00:00.000Z', '1950-01-01T00:00:00.000Z', '2049-12-31T23:59:59.000Z'])(
    'UTCTime %s',
    (text) => {
      expect(readTime(parseDer(der.utcTime(new Date(text)))).toISOString()).toBe(text)
    },
  )

  it.each(['2050-01-01T00:00:00.000Z', '0099-03-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z'])(
    'GeneralizedTime %s',
    (text) => {
      expect(readTime(parseDer(der.generalizedTime(new Date(text)))).toISOString()).toBe(text)
    },
  )

  it('fractions of a second are read to the millisecond', () => {
    expect(readTime(der2('18', '20261124080000.5Z')).getUTCMilliseconds()).toBe(500)
    expect(readTime(der2('18', '20261124080000.123456789Z')).getUTCMilliseconds()).toBe(123)
    expect(readTime(der2('18', '20261124080000.007Z')).getUTCMilliseconds()).toBe(7)
  })
})
