import { isZhichengError } from '@zhicheng/core'
import { expect, test } from 'vitest'
import { toAbbreviatedData } from './abbreviated-data.ts'

test.each([
  ['M1 2L3,4', 'M 1 2 L 3 4'],
  ['m10 10 5 5-5 5z', 'M 10 10 L 15 15 L 10 20 C'],
  ['M0 0H5V-5h-2v2Z', 'M 0 0 L 5 0 L 5 -5 L 3 -5 L 3 -3 C'],
  ['M0 0C1 1 2 1 3 0S5-1 6 0', 'M 0 0 B 1 1 2 1 3 0 B 4 -1 5 -1 6 0'],
  ['M0 0q1 1 2 0t2 0', 'M 0 0 Q 1 1 2 0 Q 3 -1 4 0'],
  ['M0 0T2 2', 'M 0 0 Q 0 0 2 2'],
  ['M0 0a5 5 0 1110 0', 'M 0 0 A 5 5 0 1 1 10 0'],
  ['M1e1 .5z m1 1l1 0', 'M 10 0.5 C M 11 1.5 L 12 1.5'],
  ['M2 2h4v4z l1 1', 'M 2 2 L 6 2 L 6 6 C L 3 3'],
  ['', ''],
])('%s becomes %s', (svg, ofd) => {
  expect(toAbbreviatedData(svg)).toBe(ofd)
})

test.each(['L1 1', '1 1', 'M1', 'M1 1L', 'M1 1X2 2', 'M0 0a5 5 0 2 1 1 1', 'M0 0z1 1', 'M1e999 0', 'M0 0,,x'])(
  '%s is refused',
  (svg) => {
    let code: string | undefined
    try {
      toAbbreviatedData(svg)
    } catch (error) {
      if (isZhichengError(error)) code = error.code
    }
    expect(code).toBe('ERR_OFD_PATH_DATA')
  },
)
