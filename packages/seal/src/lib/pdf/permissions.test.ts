import { describe, expect, it } from 'vitest'
import { type PdfValue, pdfDictionary, pdfReference } from './objects.ts'
import { certificationLevel } from './permissions.ts'

describe('the level of a certification', () => {
  it.each<[string, PdfValue | undefined, number]>([
    ['form filling without P (ISO 32000-2, table 257)', undefined, 2],
    ['what P says', 3, 3],
    ['nothing for a P that is no level', 9, 1],
    ['nothing for a P that lies elsewhere', pdfReference(7), 1],
  ])('allows %s', (_, P, level) => {
    expect(certificationLevel(pdfDictionary({ P }))).toBe(level)
  })
})
