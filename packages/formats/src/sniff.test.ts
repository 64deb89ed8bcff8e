import { utf8 } from '@zhicheng/core'
import { expect, test } from 'vitest'
import { sniffFileType } from './sniff.ts'
import { writeZip } from './zip-writer.ts'

test.each([
  ['pdf', '%PDF-1.7\n'],
  ['pdf', 'some bytes before %PDF-1.4'],
  ['gif', 'GIF89a'],
  ['bmp', 'BM\u0001\u0001\u0001\u0001\0\0\0\0'],
  ['svg', '<?xml version="1.0"?>\n<!-- c --><svg xmlns="http://www.w3.org/2000/svg">'],
  ['svg', '<svg>'],
  ['xml', '\ufeff<?xml version="1.0"?><mets>'],
  ['xml', '<ofd:OFD xmlns:ofd="u">'],
  ['json', '{"a":1}'],
  ['json', '[\n  1'],
  ['text', '样例文字'],
  ['text', 'see <b> and {braces}'],
  ['unknown', ''],
  ['unknown', '\0\0\0\0'],
])('%s is recognised from %j', (type, head) => {
  expect(sniffFileType(utf8(head))).toBe(type)
})

test('binary formats are recognised by their first bytes', () => {
  expect(sniffFileType(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0))).toBe('png')
  expect(sniffFileType(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toBe('jpeg')
  expect(sniffFileType(Uint8Array.of(0x49, 0x49, 0x2a, 0, 8))).toBe('tiff')
  expect(sniffFileType(Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1))).toBe('ole')
  expect(sniffFileType(Uint8Array.of(0xff, 0x00, 0x12))).toBe('unknown')
})

test('a zip with an entry file of OFD is OFD, another one a zip', async () => {
  expect(sniffFileType(await writeZip([{ name: 'OFD.xml', content: utf8('<a/>') }]))).toBe('ofd')
  expect(sniffFileType(await writeZip([{ name: 'notOFD.xml', content: utf8('OFD.xml') }]))).toBe('zip')
  expect(sniffFileType(await writeZip([]))).toBe('zip')
})

test('a head that ends inside a character is still text', () => {
  expect(sniffFileType(utf8('样例').subarray(0, 5))).toBe('text')
})
