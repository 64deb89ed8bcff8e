import { ZhichengError } from '@zhicheng/core'
import { expect, test } from 'vitest'
import { problemOf } from './problem.ts'

const refused = (status: number, message: string): ZhichengError =>
  new ZhichengError('ERR_X', message, { outcome: status >= 500 ? 'unknown' : 'refused', facts: { status } })

test('a Chinese message of the server is shown as it is', () => {
  expect(problemOf(refused(409, '请先完成信用核查。'))).toEqual({
    text: '请先完成信用核查。',
    status: 409,
    code: 'ERR_X',
    unknownOutcome: false,
  })
})

test.each([
  [401, '登录已失效，请重新登录。'],
  [418, '没有办理成功，请稍后重试。'],
])('a foreign message with status %i is replaced', (status, text) => {
  expect(problemOf(refused(status, 'Not today.')).text).toBe(text)
})

test('what the server says about its own failure stays off the page, and its outcome is unknown', () => {
  const { text, unknownOutcome } = problemOf(refused(500, '数据库 /var/lib 打不开'))
  expect(text).toBe('系统暂时不可用，请稍后再试。')
  expect(unknownOutcome).toBe(true)
})

test('no answer means that nobody knows whether it was done', () => {
  const error = new ZhichengError('ERR_NETWORK', 'No answer.', { outcome: 'unknown' })
  expect(problemOf(error)).toMatchObject({ text: '网络连接失败，请检查网络后重试。', unknownOutcome: true })
  expect(problemOf(new TypeError('x is undefined'))).toMatchObject({ unknownOutcome: true })
})
