import type { ByteSource } from '@zhicheng/core'
import { isZhichengError } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { appendRaw, binary, buildPdf, codeOf, onePage, text } from '../../../test/support.ts'
import { openPdf } from './document.ts'
import { readFields } from './form.ts'
import { isArray, isDictionary, isStream, isString, type PdfValue, pdfReference, textOfString } from './objects.ts'
import { findPage } from './pages.ts'

async function readEverything(pdf: Uint8Array): Promise<void> {
  const document = await openPdf(pdf)
  await document.catalog()
  await readFields(document)
  await findPage(document, 1)
  for (let number = 1; number < 12; number += 1) {
    const value = await document.resolve(pdfReference(number))
    if (isStream(value)) await document.streamData(value)
  }
}

describe('reading a PDF', () => {
  it('refuses every truncation of a file with a code, and none of them crashes', async () => {
    const pdf = onePage()
    for (let length = 0; length < pdf.length - 1; length += 3) {
      expect(await codeOf(readEverything(pdf.subarray(0, length))), `cut at ${length}`).toMatch(/^ERR_SEAL_PDF_/)
    }
  })

  it('ends with a value or a code when single bytes are changed anywhere', async () => {
    const pdf = appendRaw(onePage(), { objects: { 6: '<< /Fields [] >>' } })
    let state = 7
    for (let round = 0; round < 600; round += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      const broken = pdf.slice()
      broken[state % pdf.length] = (state >> 8) & 0xff
      try {
        await readEverything(broken)
      } catch (error) {
        if (!isZhichengError(error)) throw error
      }
    }
  })

  it('refuses cross-references that run in a circle', async () => {
    const first = onePage()
    const second = appendRaw(first, { objects: { 6: 'null' } })
    const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text(second))![1])
    const circle = binary(text(second).replace(/\/Prev \d+/, `/Prev ${start}`))
    expect(await codeOf(openPdf(circle))).toBe('ERR_SEAL_PDF_MALFORMED')
  })

  it('refuses a stream whose length is the stream itself', async () => {
    const pdf = buildPdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Length 2 0 R >>\nstream\nabc\nendstream'])
    const document = await openPdf(pdf)
    expect(await codeOf(document.resolve(pdfReference(2)))).toBe('ERR_SEAL_PDF_MALFORMED')
  })

  it('follows references only so far', async () => {
    const document = await openPdf(buildPdf(['<< /Pages 2 0 R >>', '3 0 R', '2 0 R']))
    expect(await codeOf(document.resolve(pdfReference(2)))).toBe('ERR_SEAL_PDF_MALFORMED')
  })

  it('refuses a hundred thousand nested arrays without exhausting the stack', async () => {
    const document = await openPdf(buildPdf(['<< /Pages 2 0 R >>', '['.repeat(100_000)]))
    expect(await codeOf(document.resolve(pdfReference(2)))).toBe('ERR_SEAL_PDF_MALFORMED')
  })

  it('refuses a field that is its own parent and a page tree that contains itself', async () => {
    const fields = await openPdf(
      buildPdf([
        '<< /AcroForm << /Fields [2 0 R] >> >>',
        '<< /T (a) /FT /Sig /Kids [3 0 R] >>',
        '<< /T (b) /Kids [2 0 R] >>',
      ]),
    )
    expect(await codeOf(readFields(fields))).toBe('ERR_SEAL_PDF_MALFORMED')
    const pages = await openPdf(buildPdf(['<< /Pages 2 0 R >>', '<< /Kids [2 0 R] /Count 1 >>']))
    expect(await codeOf(findPage(pages, 1))).toBe('ERR_SEAL_PDF_MALFORMED')
  })

  it('refuses tables that announce more objects than a file can have', async () => {
    const pdf = onePage()
    const huge = binary(text(pdf).replace('xref\n0 6', 'xref\n0 99999999'))
    expect(await codeOf(openPdf(huge))).toBe('ERR_SEAL_PDF_LIMIT')
  })

  it('refuses a stream that inflates beyond the limit', async () => {
    const zeros = new Uint8Array(68_000_000)
    const packed = new Uint8Array(
      await new Response(new Blob([zeros]).stream().pipeThrough(new CompressionStream('deflate'))).arrayBuffer(),
    )
    const pdf = buildPdf([
      '<< /Type /Catalog >>',
      `<< /Filter /FlateDecode /Length ${packed.length} >>\nstream\n${text(packed)}\nendstream`,
    ])
    const document = await openPdf(pdf)
    const stream = await document.resolve(pdfReference(2))
    if (!isStream(stream)) throw new Error('no stream')
    expect(await codeOf(document.streamData(stream))).toBe('ERR_SEAL_PDF_LIMIT')
  })

  it('does not read past an object whose number differs from the cross-references', async () => {
    const document = await openPdf(binary(text(onePage()).replace('4 0 obj', '9 0 obj')))
    expect(await codeOf(document.resolve(pdfReference(4)))).toBe('ERR_SEAL_PDF_MALFORMED')
  })

  it('reads strings, names and numbers as the standard writes them', async () => {
    const document = await openPdf(
      buildPdf([
        '<< /Type /Catalog /A#42 [(a\\(b\\)\\101\\\n(c)) <4a4B5> -.5 +3 4. true null] /B (\\376\\377\\0001) >>',
      ]),
    )
    const { entries } = await document.catalog()
    const list = entries.get('AB') as readonly PdfValue[]
    expect(isArray(list)).toBe(true)
    expect(list.map((item) => (isString(item) ? textOfString(item) : item))).toEqual([
      'a(b)A(c)',
      'JKP',
      -0.5,
      3,
      4,
      true,
      null,
    ])
    expect(textOfString(entries.get('B') as never)).toBe('1')
  })

  it('remembers keys that are written twice', async () => {
    const document = await openPdf(buildPdf(['<< /Type /Catalog /Pages 2 0 R /Pages 3 0 R >>']))
    const catalog = await document.catalog()
    expect(isDictionary(catalog) && catalog.duplicateKeys).toEqual(['Pages'])
  })

  it('reads a few blocks of a large file and never all of it', async () => {
    const filler = `<< /Length 8000000 >>\nstream\n${'x'.repeat(8_000_000)}\nendstream`
    const pdf = buildPdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Kids [3 0 R] >>', '<< /Type /Page >>', filler])
    let read = 0
    const source: ByteSource = {
      size: pdf.length,
      async read(offset, length) {
        read += length
        return pdf.subarray(offset, offset + length)
      },
    }
    const document = await openPdf(source)
    expect((await findPage(document, 1)).reference.number).toBe(3)
    expect(read).toBeLessThan(1_000_000)
  })
})
