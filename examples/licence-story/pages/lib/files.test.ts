import { expect, test } from 'vitest'
import type { Material } from './contract.ts'
import { acceptOf, checkFile, kindNames } from './files.ts'

const material: Material = {
  code: 'm',
  name: '营业执照',
  required: true,
  mediaTypes: ['application/pdf', 'image/png'],
  maxBytes: 2048,
}
const pdf = '%PDF-1.7\n'

test('a file is sent as what its first bytes are, not as what the browser calls it', async () => {
  const file = new File([pdf], '执照.PDF', { type: 'text/plain' })
  expect(await checkFile(file, material)).toEqual({ file, mediaType: 'application/pdf', name: '执照.PDF' })
})

test.each([
  ['an empty file', new File([], 'a.pdf'), '空文件'],
  ['a file over the limit', new File([pdf, 'x'.repeat(2048)], 'a.pdf'), '超过 2 KB 的上限'],
  ['a text named .pdf', new File(['样例'], 'a.pdf'), '不是 PDF、PNG 文件'],
  ['a kind that this material does not take', new File([Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)], 'a.jpg'), '不是 PDF'],
  ['a name that hides the kind', new File([pdf], 'a.png'), '与扩展名不一致'],
  ['a name without an ending', new File([pdf], 'pdf-scan'), '与扩展名不一致'],
])('%s is refused', async (_, file, reason) => {
  expect(await checkFile(file, material)).toContain(reason)
})

test('a file name cannot turn the reading direction around', async () => {
  expect(await checkFile(new File([pdf], '\u202efdp.exe.pdf'), material)).toMatchObject({ name: 'fdp.exe.pdf' })
})

test('the material names its kinds for people and for the file dialog', () => {
  expect(kindNames(material)).toEqual(['PDF', 'PNG'])
  expect(acceptOf(material)).toBe('application/pdf,image/png,.pdf,.png')
})
