import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { callOperation, matchPath, type Operation, operation, readBody, readOperationRequest } from './operation.ts'

const greet: Operation<{
  params: { name: string }
  query: { loud?: string }
  body: { times: number }
  response: { text: string }
}> = operation({
  id: 'test.greet',
  method: 'POST',
  path: '/greet/{name}',
  summary: 'Greets.',
  params: v.object({ name: v.pipe(v.string(), v.maxLength(8)) }),
  query: v.object({ loud: v.exactOptional(v.picklist(['yes'])) }),
  body: v.object({ times: v.pipe(v.number(), v.maxValue(3)) }),
  response: v.object({ text: v.string() }),
})
const input = { params: { name: '张三/样例' }, query: {}, body: { times: 2 } }

describe('a caller', () => {
  test('fills the path, sends JSON and gets the checked answer', async () => {
    const sent: Request[] = []
    const answer = await callOperation(
      greet,
      { ...input, query: { loud: 'yes' } },
      {
        baseUrl: 'https://unit.example/api/',
        fetch: async (url, init) => {
          sent.push(new Request(url, init))
          return Response.json({ text: 'hello' })
        },
      },
    )
    expect(answer).toEqual({ text: 'hello' })
    expect(sent[0]!.url).toBe('https://unit.example/api/greet/%E5%BC%A0%E4%B8%89%2F%E6%A0%B7%E4%BE%8B?loud=yes')
    expect(await sent[0]!.json()).toEqual({ times: 2 })
  })

  test.each([
    [
      'an answer of another form',
      () => Response.json({ text: 1 }),
      { code: 'ERR_CONTRACT_MISMATCH', facts: { part: 'response' } },
    ],
    ['an answer that is not JSON', () => new Response('<html>'), { code: 'ERR_CONTRACT_MISMATCH' }],
    [
      'a coded refusal',
      () => Response.json({ error: { code: 'ERR_NO', message: 'No.' } }, { status: 403 }),
      { code: 'ERR_NO', outcome: 'refused', retryable: false },
    ],
    [
      'a broken server',
      () => new Response('', { status: 502 }),
      { code: 'ERR_HTTP_STATUS', outcome: 'unknown', retryable: true },
    ],
    [
      'a lost connection',
      () => Promise.reject(new TypeError('fetch failed')),
      { code: 'ERR_NETWORK', outcome: 'unknown' },
    ],
  ])('turns %s into a coded error', async (_, respond, expected) => {
    await expect(
      callOperation(greet, input, { baseUrl: 'https://x.example', fetch: async () => respond() }),
    ).rejects.toMatchObject(expected)
  })

  test('a contract error names the fields, never their values', async () => {
    const error = await callOperation(greet, input, {
      baseUrl: 'https://x.example',
      fetch: async () => Response.json({ text: { secret: '11010519491231002X' } }),
    }).catch((caught: unknown) => caught)
    expect(JSON.stringify(error)).toContain('"text"')
    expect(JSON.stringify(error)).not.toContain('11010519491231002X')
  })
})

describe('a server', () => {
  const request = (body: BodyInit, query = ''): Request =>
    new Request(`https://x.example/greet/a${query}`, { method: 'POST', body })

  test('gets every part checked', async () => {
    expect(await readOperationRequest(greet, request('{"times":1}', '?loud=yes'), { name: 'a' })).toEqual({
      params: { name: 'a' },
      query: { loud: 'yes' },
      body: { times: 1 },
    })
  })

  test.each([
    ['params', request('{"times":1}'), { name: 'far too long' }],
    ['query', request('{"times":1}', '?loud=no'), { name: 'a' }],
    ['body', request('{"times":9}'), { name: 'a' }],
    ['body', request('not json'), { name: 'a' }],
    ['body', request(Uint8Array.of(0x22, 0xff, 0x22)), { name: 'a' }],
  ])('refuses a wrong %s', async (part, wrong, params) => {
    await expect(readOperationRequest(greet, wrong, params)).rejects.toMatchObject({
      code: 'ERR_CONTRACT_MISMATCH',
      facts: { part },
    })
  })

  test('stops reading a body as soon as it is too large', async () => {
    let pulled = 0
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(1024))
      },
    })
    await expect(readBody(new Response(endless), 4096)).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' })
    expect(pulled).toBeLessThan(10)
  })
})

test('a path matches whole segments only, and broken escapes match nothing', () => {
  expect(matchPath(greet, '/greet/%E5%BC%A0')).toEqual({ name: '张' })
  for (const path of ['/greet', '/greet/', '/greet/a/b', '/other/a', '/greet/%'])
    expect(matchPath(greet, path)).toBeUndefined()
})
