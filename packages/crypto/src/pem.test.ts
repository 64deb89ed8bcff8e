import { describe, expect, it } from 'vitest'
import { formatPem, isPem, parsePem } from './pem.ts'

describe('parsePem', () => {
  it('gives back what formatPem wrote, whatever stands around the blocks', () => {
    const first = Uint8Array.from({ length: 100 }, (_, index) => index)
    const second = Uint8Array.of(1)
    const text = `Subject: 样例\r\n${formatPem('CERTIFICATE', first).replaceAll('\n', '\r\n')}\nmore\n${formatPem('PRIVATE KEY', second)}`
    expect(parsePem(text)).toEqual([
      { label: 'CERTIFICATE', bytes: first, headers: [] },
      { label: 'PRIVATE KEY', bytes: second, headers: [] },
    ])
  })

  it('writes lines of 64 characters', () => {
    expect(
      formatPem('X', new Uint8Array(60))
        .split('\n')
        .map((line) => line.length),
    ).toEqual([17, 64, 16, 15, 0])
  })

  it.each([
    ['has no end', '-----BEGIN X-----\nAAAA\n'],
    ['ends with another label', '-----BEGIN X-----\nAAAA\n-----END Y-----'],
    ['begins again before it ends', '-----BEGIN X-----\nAAAA\n-----BEGIN X-----\nAAAA\n-----END X-----'],
    ['holds no Base64', '-----BEGIN X-----\nA*AA\n-----END X-----'],
    ['has no label', '-----BEGIN '],
    ['has a label of many lines', '-----BEGIN X\nY-----\nAAAA\n-----END X\nY-----'],
  ])('refuses a block that %s', (_reason, text) => {
    expect(() => parsePem(text)).toThrow(expect.objectContaining({ code: 'ERR_PEM_INVALID' }))
  })

  it('refuses a text of more than eight megabytes', () => {
    expect(() => parsePem('x'.repeat(9_000_000))).toThrow(expect.objectContaining({ code: 'ERR_PEM_INVALID' }))
  })

  it('finds nothing in a text without blocks', () => {
    expect(parsePem('nothing')).toEqual([])
    expect(isPem(Uint8Array.of(0x30, 0x82))).toBe(false)
  })
})
