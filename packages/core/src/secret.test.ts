import { inspect } from 'node:util'
import { expect, test, vi } from 'vitest'
import { Secret, secret } from './secret.ts'

test('a secret shows in no text, no JSON and no inspection, and is revealed on purpose', () => {
  const held = secret('0123456789abcdef')
  const shown = [`${held}`, JSON.stringify({ held }), inspect(held), inspect({ deep: [held] }, { showHidden: true })]
  for (const text of shown) expect(text).not.toContain('0123')
  expect(held.reveal()).toBe('0123456789abcdef')
})

test('a secret is not wrapped twice, not even by another copy of the package', async () => {
  const held = secret('value')
  expect(secret(held)).toBe(held)
  vi.resetModules()
  const other = await import('./secret.ts')
  expect(other.Secret).not.toBe(Secret)
  expect(held).toBeInstanceOf(other.Secret)
  expect(other.secret(held).reveal()).toBe('value')
})

test('what only looks like a secret is wrapped', () => {
  for (const value of [{ reveal: () => 'x' }, 'text', null, undefined, 5]) {
    expect(secret(value as unknown)).toBeInstanceOf(Secret)
    expect(value).not.toBeInstanceOf(Secret)
  }
})
