import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as codes from './codes.ts'

const vectors = join(import.meta.dirname, '../test/vectors')
const material = process.env.ZHICHENG_MATERIAL
const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split(/\r?\n/)

describe('unified social credit codes', () => {
  test('the documented sample code is valid', () => {
    expect(codes.checkCode('91330110MA2AXY0E7F')).toEqual({ kind: 'uscc', valid: true, findings: [] })
    expect(codes.checkCode(' 91330110ma2axy0e7f ')).toMatchObject({ kind: 'uscc', valid: true })
    expect(codes.isOrganisationCode('MA2AXY0E7')).toBe(true)
  })

  test('any single changed character is found', () => {
    const good = '91330110MA2AXY0E7F'
    for (let index = 0; index < good.length; index += 1) {
      for (const character of '0123456789ABCDEFGHJKLMNPQRTUWXY') {
        if (character === good[index]) continue
        expect(codes.isUscc(good.slice(0, index) + character + good.slice(index + 1))).toBe(false)
      }
    }
  })

  test.each(['', '91330110MA2AXY0E7', '91330110MA2AXY0E7FF', '91330110MA2AXYOE7F', '9133O110MA2AXY0E7F'])(
    '%j is refused',
    (code) => {
      expect(codes.isUscc(code)).toBe(false)
    },
  )

  test.runIf(material)('every code of the public lists is valid', () => {
    const list = ['identity/uscc-valid.txt', 'credit-intake/uscc/valid-sample.txt'].flatMap((path) =>
      lines(join(material!, path)),
    )
    expect(list.filter((code) => !codes.isUscc(code))).toEqual([])
    expect(list.length).toBeGreaterThan(50)
  })
})

describe('resident ID numbers', () => {
  test.each(['11010519491231002X', '440524188001010014', '44011320141005001X', '360426199101010071'])(
    'sample %s is valid',
    (number) => {
      expect(codes.checkCode(number)).toEqual({ kind: 'resident-id', valid: true, findings: [] })
    },
  )

  test.each([
    ['110105194912310020', 'RESIDENT_ID_CHECK'],
    ['110105194902300029', 'RESIDENT_ID_DATE'],
    ['110105491231002', 'RESIDENT_ID_OLD'],
    ['11010519491231002Y', 'RESIDENT_ID_FORM'],
  ])('%s is refused with %s', (number, code) => {
    expect(codes.findingsOfResidentId(number).map((finding) => finding.code)).toContain(code)
    expect(codes.checkCode(number).valid).toBe(false)
  })

  test('an answer never repeats the number', () => {
    for (const number of ['11010519491231002X', '110105194912310020', 'x1']) {
      expect(JSON.stringify(codes.checkCode(number))).not.toContain(number)
    }
  })
})

describe('masks', () => {
  const masks: Record<string, (value: string) => string> = {
    name: codes.maskName,
    idStrong: (value) => codes.maskResidentId(value),
    idOrdinary: (value) => codes.maskResidentId(value, { level: 'confirm' }),
    otherId: codes.maskDocumentNumber,
    mobile: codes.maskMobile,
    phone: codes.maskPhone,
    email: codes.maskEmail,
    bank: codes.maskBankCard,
  }

  test.each(
    lines(join(vectors, 'mask.jsonl')).map((line) => JSON.parse(line) as { kind: string; in: string; out: string }),
  )('$kind $in becomes $out', ({ kind, in: value, out }) => {
    expect(masks[kind]!(value)).toBe(out)
  })

  test('a rare character counts once, and short values are hidden whole', () => {
    expect(codes.maskName('𠮷野')).toBe('*野')
    expect(codes.maskName('王')).toBe('*')
    expect(codes.maskMobile('12345')).toBe('*****')
    expect(codes.maskBankCard('1234567890')).toBe('**********')
  })
})
