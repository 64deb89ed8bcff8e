import { describe, expect, it } from 'vitest'
import { buildPdf } from '../../../../test/support.ts'
import { openPdf } from '../document.ts'
import { findEdges } from './graph.ts'

describe('finding references', () => {
  it('is not led astray by a reference with a wrong generation', async () => {
    const document = await openPdf(
      buildPdf(['<< /Type /Catalog /A 2 7 R /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] >>', '<< /Type /Page >>']),
    )
    const { edges, reached } = await findEdges(document, new Map([[3, true]]))
    expect(edges).toEqual([{ parent: 2, path: 'Kids[]', target: 3 }])
    expect([...reached].sort()).toEqual([1, 2, 3])
  })
})
