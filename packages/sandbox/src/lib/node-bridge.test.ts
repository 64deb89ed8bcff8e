import { describe, expect, it } from 'vitest'
import { bridgeToNode } from './node-bridge.ts'

const at = (path: string, init?: RequestInit): Request => new Request(`http://127.0.0.1:4600/face${path}`, init)
const options = { mountPath: '/face' }

describe('a Node listener behind a web request', () => {
  it('sees the address without the mount path, the headers and the body', async () => {
    const response = await bridgeToNode(
      async (incoming, outgoing) => {
        let body = ''
        for await (const chunk of incoming) body += String(chunk)
        const { url, originalUrl, method, headers } = incoming
        outgoing.setHeader('content-type', 'application/json')
        outgoing.end(JSON.stringify({ url, originalUrl, method, host: headers.host, cookie: headers.cookie, body }))
      },
      at('/a?b=1', { method: 'POST', body: 'text', headers: { cookie: 'c=1' } }),
      options,
    )
    expect(await response.json()).toEqual({
      url: '/a?b=1',
      originalUrl: '/face/a?b=1',
      method: 'POST',
      host: '127.0.0.1:4600',
      cookie: 'c=1',
      body: 'text',
    })
  })

  it('answers with status, every Set-Cookie line, and bytes written in pieces', async () => {
    const response = await bridgeToNode(
      (_incoming, outgoing) => {
        outgoing.setHeader('set-cookie', ['a=1', 'b=2'])
        outgoing.writeHead(201, { 'content-type': 'text/plain' })
        outgoing.write(new Uint8Array([0xe6, 0xa0]))
        outgoing.end(new Uint8Array([0xb7]))
      },
      at('/'),
      options,
    )
    expect(response.status).toBe(201)
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(await response.text()).toBe('样')
  })

  it('hands on what the listener throws instead of waiting for ever', async () => {
    const failing = async (): Promise<never> => Promise.reject(new TypeError('broken'))
    await expect(bridgeToNode(failing, at('/'), options)).rejects.toThrow('broken')
  })

  it('refuses a body above the limit before the listener runs', async () => {
    let ran = false
    const listener = (): void => {
      ran = true
    }
    const large = at('/', { method: 'POST', body: 'x'.repeat(100) })
    await expect(bridgeToNode(listener, large, { ...options, maxBodyBytes: 99 })).rejects.toMatchObject({
      code: 'ERR_BODY_TOO_LARGE',
    })
    expect(ran).toBe(false)
  })
})
