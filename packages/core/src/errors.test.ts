import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { isZhichengError, ZhichengError } from './errors.ts'
import { Secret, secret } from './secret.ts'

test('an error carries code, outcome, facts and cause', () => {
  const cause = new Error('socket closed')
  const error = new ZhichengError('ERR_X', 'It failed.', { cause, outcome: 'unknown', facts: { attempt: 2 } })
  expect(error).toMatchObject({ code: 'ERR_X', outcome: 'unknown', facts: { attempt: 2 }, cause, retryable: false })
})

test('JSON of an error leaves out the stack and the cause', () => {
  const error = new ZhichengError('ERR_X', 'It failed.', { cause: new Error('inner detail') })
  expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'ERR_X', message: 'It failed.' })
})

test('an error of another copy of the package is recognised by its brand', () => {
  const foreign = Object.assign(new Error('x'), { [Symbol.for('zhicheng.error')]: true, code: 'ERR_Y' })
  expect(isZhichengError(foreign)).toBe(true)
  expect(isZhichengError(new Error('x'))).toBe(false)
  expect(isZhichengError(null)).toBe(false)
})

test('a secret shows its value to nobody who does not ask for it', () => {
  const key = secret('canary-4711')
  const everywhere = [
    `${key}`,
    JSON.stringify({ key }),
    inspect(key),
    inspect({ nested: { key } }, { depth: 9, showHidden: true }),
  ]
  expect(everywhere.join(' ')).not.toContain('canary-4711')
  expect(key.reveal()).toBe('canary-4711')
  expect(secret(key)).toBe(key)
  expect(key).toBeInstanceOf(Secret)
})
