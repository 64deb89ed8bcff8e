import { expect, test } from 'vitest'
import { fen, formatYuan, sumMoney, yuan } from './money.ts'

test('amounts are read from decimal text and written back', () => {
  expect(yuan('120.00')).toBe(12000n)
  expect(formatYuan(yuan('0.1'))).toBe('0.10')
  expect(formatYuan(fen(5))).toBe('0.05')
})

test('a hundred amounts of 0.47 sum exactly, which floats do not', () => {
  expect(sumMoney(Array.from({ length: 100 }, () => yuan('0.47')))).toBe(4700n)
})

test.each(['', '-1', '+1', '1e3', '1.234', '1,000', '１２', '.5', '5.', '00.1', ' 1', 'NaN'])(
  '%j is refused',
  (text) => {
    expect(() => yuan(text)).toThrow(expect.objectContaining({ code: 'ERR_MONEY_INVALID' }))
  },
)
