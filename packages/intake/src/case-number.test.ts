import { describe, expect, it } from 'vitest'
import { formatCaseNumber, isImplementationCode, isProjectNumber, maxSerial, parseCaseNumber } from './case-number.ts'
import { foodBusinessLicence } from './food-business-licence.ts'

const implementationCode = foodBusinessLicence.code

describe('case numbers', () => {
  it('have 43 characters and read back', () => {
    const parts = { implementationCode, day: '2026-11-24', serial: 7 }
    const number = formatCaseNumber(parts)
    expect(number).toHaveLength(43)
    expect(number.endsWith('202611240007')).toBe(true)
    expect(parseCaseNumber(number)).toEqual(parts)
  })

  it('know the implementation code of a public integration', () => {
    expect(isImplementationCode('12441500196720244T3442199806003')).toBe(true)
    expect(isImplementationCode('12441500196720244X3442199806003')).toBe(false)
  })

  it.each([
    ['a serial of five digits', { serial: maxSerial + 1 }],
    ['the serial 0', { serial: 0 }],
    ['a day that is none', { day: '2026-02-30' }],
    ['a code that is none', { implementationCode: 'x'.repeat(31) }],
  ])('are not made with %s', (_title, change) => {
    const make = () => formatCaseNumber({ implementationCode, day: '2026-11-24', serial: 1, ...change })
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_INTAKE_NUMBER_INVALID' }))
  })

  it.each([
    '',
    '1',
    `${implementationCode}202613010001`,
    `${implementationCode}202611240000`,
    `${implementationCode}2026112400011`,
  ])('are not read from %j', (text) => {
    expect(() => parseCaseNumber(text)).toThrow(expect.objectContaining({ code: 'ERR_INTAKE_NUMBER_INVALID' }))
  })

  it('stand beside the province’s number of 21 digits, of which only length and province are judged', () => {
    expect(isProjectNumber('330199002611240000001', { division: '330110' })).toBe(true)
    expect(isProjectNumber('320199002611240000001', { division: '330110' })).toBe(false)
    expect(isProjectNumber('33019900261124000000')).toBe(false)
    expect(isProjectNumber('33019900261124000000A')).toBe(false)
  })
})
