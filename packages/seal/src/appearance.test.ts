import { beforeAll, describe, expect, it } from 'vitest'
import {
  chineseFont,
  codeOf,
  createKeys,
  hasTool,
  makePng,
  onePage,
  runTool,
  type TestKeys,
  text,
} from '../test/support.ts'
import { pictureSeal, roundSeal, type SealAppearance } from './appearance.ts'
import { signPdf } from './pdf.ts'

const font = chineseFont()
let keys: TestKeys
beforeAll(async () => {
  keys = await createKeys()
})

function stamp(seal: SealAppearance): Promise<Uint8Array> {
  const visible = { page: 1, x: 90, y: 20, width: 119, height: 119, seal }
  return signPdf(onePage(), { signer: keys.signer, level: 'B-B', clock: keys.clock, visible })
}

describe('a round seal', () => {
  it('is drawn of paths alone, inside its diameter', async () => {
    const seal = await roundSeal({
      organisation: '样例区市场监督管理局',
      title: '行政审批专用章',
      number: '3301100000001',
      font,
      test: true,
    })
    expect(seal.items.every((item) => item.kind === 'path')).toBe(true)
    const numbers = seal.items.flatMap((item) =>
      item.kind === 'path' ? (item.d.match(/-?\d+(\.\d+)?/g) ?? []).map(Number) : [],
    )
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThanOrEqual(42)
  })

  it('says 测试专用 in its ring when it is made for tests, and only then', async () => {
    const options = { organisation: '样例局', font }
    const plain = await roundSeal({ ...options, test: false })
    const test = await roundSeal({ ...options, test: true })
    expect(test.items.length).toBe(plain.items.length + 1)
  })

  it('refuses an empty name and a name the font cannot write', async () => {
    expect(await codeOf(roundSeal({ organisation: ' ', font, test: true }))).toBe('ERR_SEAL_APPEARANCE')
    expect(await codeOf(roundSeal({ organisation: '𠮷局', font, test: true }))).toBe('ERR_SEAL_GLYPH_MISSING')
  })

  it('becomes a form XObject without fonts in the signed file', async () => {
    const signed = await stamp(await roundSeal({ organisation: '样例局', font, test: true }))
    const form = /\/Type \/XObject\n\/Subtype \/Form[\s\S]*?stream/.exec(text(signed))![0]
    expect(form).toContain('/Resources <<>>')
  })
})

describe('a picture as seal', () => {
  it('refuses bytes that are neither PNG nor JPEG, and kinds of PNG that are not read', async () => {
    expect(() => pictureSeal({ data: new Uint8Array(8), width: 1, height: 1 })).toThrow(/neither PNG nor JPEG/)
    const cut = makePng(4, 4).subarray(0, 50)
    expect(await codeOf(stamp(pictureSeal({ data: cut, width: 9, height: 9 })))).toMatch(/^ERR_SEAL_/)
    const interlaced = makePng(4, 4)
    interlaced[28] = 1
    expect(await codeOf(stamp(pictureSeal({ data: interlaced, width: 9, height: 9 })))).toBe('ERR_SEAL_APPEARANCE')
  })

  it('keeps its transparency as a soft mask', async () => {
    const signed = await stamp(pictureSeal({ data: makePng(4, 4), width: 40, height: 40 }))
    expect(text(signed)).toContain('/SMask')
  })
})

describe.skipIf(!hasTool('pdftoppm'))('a stamped page (needs pdftoppm)', () => {
  it('shows red where the seal lies and nothing elsewhere', async () => {
    const seal = await roundSeal({ organisation: '样例区市场监督管理局', font, test: true })
    const reds = (pdf: Uint8Array): number => {
      const folder = runTool(
        'sh',
        [
          '-c',
          'pdftoppm -r 72 "$0" | od -An -v -tu1 -w3 | grep -c "^ *\\(19[0-9]\\|2[0-9][0-9]\\) *[0-9]\\{1,2\\} *[0-9]\\{1,2\\}$" || true',
          '%',
        ],
        pdf,
      )
      return Number(folder.output.trim().split('\n')[0])
    }
    expect(reds(onePage())).toBe(0)
    expect(reds(await stamp(seal))).toBeGreaterThan(500)
  })
})
