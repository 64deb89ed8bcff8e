import { isZhichengError } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { appendRaw, createKeys, now, objectText, onePage, type TestKeys } from '../../test/support.ts'
import { signPdf, verifyPdf } from '../pdf.ts'

let keys: TestKeys
let signed: Uint8Array
beforeAll(async () => {
  keys = await createKeys()
  signed = await signPdf(onePage(), { signer: keys.signer, level: 'B-B', clock: keys.clock })
})

async function verdictOf(pdf: Uint8Array): Promise<string> {
  try {
    return (await verifyPdf(pdf, { trust: keys.trust, crls: await keys.crls(), at: now })).verdict
  } catch (error) {
    if (isZhichengError(error)) return error.code
    throw error
  }
}

/** A generator of numbers that is the same in each run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state >> 4
  }
}

describe('random damage', () => {
  it('outside the hole of the signature never leaves a file TOTAL-PASSED', async () => {
    const next = numbers(3)
    const start = Buffer.from(signed).indexOf('/Contents <')
    const end = Buffer.from(signed).indexOf('>', start + 11)
    for (let round = 0; round < 400; round += 1) {
      const place = next() % signed.length
      if (place > start && place < end) continue
      const broken = signed.slice()
      broken[place]! ^= 1 + (next() % 255)
      expect(await verdictOf(broken), `byte ${place}`).not.toBe('TOTAL-PASSED')
    }
  })

  it('in a later revision is passed only where it stays inside document information and extension levels', async () => {
    const next = numbers(11)
    const later = appendRaw(signed, {
      objects: { 1: objectText(signed, 1), 90: '<< /Producer (a) >>' },
      trailer: '/Info 90 0 R',
    })
    expect(await verdictOf(later)).toBe('TOTAL-PASSED')
    const table = Buffer.from(later).lastIndexOf('\nxref\n') + 1
    const freeEntry = 'xref\n0 1\n'.length
    const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
    const isBlank = (byte: number): boolean => [0, 9, 10, 12, 13, 32].includes(byte)
    for (let round = 0; round < 600; round += 1) {
      const broken = later.slice()
      const place = signed.length + (next() % (later.length - signed.length))
      broken[place] = next() & 0xff
      if (broken[place] === later[place] || (await verdictOf(broken)) !== 'TOTAL-PASSED') continue
      // White space for white space says the same, and so does another digit in the well-formed entry of object 0, which
      // stays free. Everything else from the table on must be noticed.
      const inFreeEntry = place >= table + freeEntry && place < table + freeEntry + 16
      const sameMeaning =
        (isBlank(broken[place]!) && isBlank(later[place]!)) ||
        (inFreeEntry && isDigit(broken[place]!) && isDigit(later[place]!))
      expect(
        place < table || sameMeaning,
        `byte ${place - table} behind xref: ${later[place]} -> ${broken[place]}`,
      ).toBe(true)
    }
  })

  it('that cuts the file off anywhere never leaves it TOTAL-PASSED', async () => {
    for (let length = 0; length < signed.length - 1; length += 37) {
      expect(await verdictOf(signed.subarray(0, length)), `cut at ${length}`).not.toBe('TOTAL-PASSED')
    }
  })
})
