import { expect, test } from 'vitest'
import { fixedClock, formatDay, formatTime } from './clock.ts'
import {
  composePolicies,
  fetchTransport,
  type PlatformRequest,
  type Policy,
  retryPolicy,
  timeoutPolicy,
} from './pipeline.ts'
import { worstVerdict } from './verdict.ts'

const request: PlatformRequest = {
  operation: 'test.read',
  method: 'GET',
  url: 'https://x.example/',
  headers: {},
  idempotent: true,
}
const respond = (status: number, headers: Record<string, string> = {}): Response =>
  new Response('{}', { status, headers })

function counting(answers: (() => Response | Promise<Response>)[]): {
  fetch: typeof globalThis.fetch
  calls: () => number
} {
  let calls = 0
  return {
    calls: () => calls,
    fetch: async () => {
      calls += 1
      return answers[Math.min(calls, answers.length) - 1]!()
    },
  }
}

test('policies run outermost first, and signing inside a retry happens for each try', async () => {
  const order: string[] = []
  const trace = (name: string): Policy => ({
    name,
    handle(given, next) {
      order.push(name)
      return next(given)
    },
  })
  const { fetch } = counting([() => respond(503), () => respond(200)])
  const send = composePolicies(
    [trace('log'), retryPolicy({ sleep: async () => {} }), trace('sign')],
    fetchTransport({ fetch }),
  )
  expect((await send(request)).status).toBe(200)
  expect(order).toEqual(['log', 'sign', 'sign'])
})

test('what may not be sent twice is sent once', async () => {
  const { fetch, calls } = counting([() => respond(503)])
  const send = composePolicies([retryPolicy({ sleep: async () => {} })], fetchTransport({ fetch }))
  expect((await send({ ...request, method: 'POST', idempotent: false })).status).toBe(503)
  expect(calls()).toBe(1)
})

test.each([
  ['2', 2000],
  ['Tue, 24 Nov 2026 00:00:05 GMT', 5000],
  ['999999', 30_000],
])('Retry-After %s is obeyed within a limit', async (header, expected) => {
  const waits: number[] = []
  const { fetch } = counting([() => respond(429, { 'retry-after': header }), () => respond(200)])
  const sleep = async (milliseconds: number): Promise<void> => void waits.push(milliseconds)
  await composePolicies(
    [retryPolicy({ sleep, clock: fixedClock('2026-11-24T00:00:00Z') })],
    fetchTransport({ fetch }),
  )(request)
  expect(waits).toEqual([expected])
})

test('a lost connection is retried, and its outcome is unknown when it stays lost', async () => {
  const { fetch, calls } = counting([() => Promise.reject(new TypeError('fetch failed'))])
  const send = composePolicies([retryPolicy({ sleep: async () => {} })], fetchTransport({ fetch }))
  await expect(send(request)).rejects.toMatchObject({ code: 'ERR_NETWORK', outcome: 'unknown' })
  expect(calls()).toBe(3)
})

test('a try that hangs ends with a coded timeout', async () => {
  const fetch: typeof globalThis.fetch = (_, init) =>
    new Promise((_resolve, reject) => init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason)))
  const send = composePolicies([timeoutPolicy(5)], fetchTransport({ fetch }))
  await expect(send({ ...request, idempotent: false })).rejects.toMatchObject({
    code: 'ERR_TIMEOUT',
    outcome: 'unknown',
    retryable: false,
  })
})

test('times are written in China time whatever zone the machine is in', () => {
  expect(formatTime(new Date('2026-11-23T16:30:00.900Z'))).toBe('2026-11-24T00:30:00+08:00')
  expect(formatDay(new Date('2026-11-23T16:30:00Z'))).toBe('2026-11-24')
})

test('the worst verdict wins, and none at all is a failure', () => {
  expect(worstVerdict(['TOTAL-PASSED', 'INDETERMINATE'])).toBe('INDETERMINATE')
  expect(worstVerdict(['TOTAL-FAILED', 'TOTAL-PASSED'])).toBe('TOTAL-FAILED')
  expect(worstVerdict([])).toBe('TOTAL-FAILED')
})
