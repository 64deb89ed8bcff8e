import { describe, expect, it } from 'vitest'
import { isReturnPath, safeReturnPath } from './return-path.ts'

describe('a return path', () => {
  it.each(['/', '/cases/1', '/cases/1?step=2#top', '/a-b_c/~d', '/%E5%BC%A0', '/cases?next=//x'])(
    '%s is our own',
    (path) => {
      expect(isReturnPath(path)).toBe(true)
    },
  )

  it.each([
    '',
    'cases',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '%2f%2fevil.example',
    '/%2fevil.example',
    '/%5Cevil.example',
    '/a%2Fb',
    '/a//b',
    '/%252fevil.example',
    '/a\tb',
    '/\n/evil.example',
    '/a\u0000',
    '/%0d%0aSet-Cookie:x',
    '/../admin',
    '/a/%2e%2e/b',
    '/a/.',
    ' /a',
    '/张',
    `/${'a'.repeat(1024)}`,
  ])('%j falls back to our first page', (path) => {
    expect(isReturnPath(path)).toBe(false)
    expect(safeReturnPath(path, {})).toBe('/')
  })

  it('is narrowed by a list: exact entries, and folders that end in a slash', () => {
    const allowed = ['/cases/', '/me']
    expect(isReturnPath('/cases/1', allowed)).toBe(true)
    expect(isReturnPath('/me?tab=1', allowed)).toBe(true)
    expect(isReturnPath('/me/2', allowed)).toBe(false)
    expect(isReturnPath('/casesx', allowed)).toBe(false)
    expect(safeReturnPath('/admin', { allowed, fallback: '/me' })).toBe('/me')
  })
})
