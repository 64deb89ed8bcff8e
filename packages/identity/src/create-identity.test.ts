import { createDecipheriv, hkdfSync } from 'node:crypto'
import { fixedClock, type LogEntry, type Secret, type Subject, secret } from '@zhicheng/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { createIdentity, type Identity, type IdentityOptions } from './create-identity.ts'
import { oidc } from './oidc.ts'
import { memoryOnceStore } from './once.ts'
import type { IdentityProviderV1 } from './provider.ts'
import { allowInsecureHttp } from './secure-url.ts'

const firstSecret = 'first-secret-not-real-0123456789abcdef'
const secondSecret = 'second-secret-not-real-0123456789abcde'
const subject: Subject = {
  id: 'u-1',
  issuer: 'stub',
  principal: {
    kind: 'person',
    id: 'u-1',
    name: '张三（样例）',
    document: { kind: 'resident-id', number: '11010519491231002X' },
  },
  assurance: 3,
  authenticatedAt: '2026-11-24T08:00:00+08:00',
}

const stub = (id = 'stub'): IdentityProviderV1 => ({
  specification: 'v1',
  id,
  name: '样例平台',
  stateParameter: 'state',
  start: async ({ state, callbackUrl }) => ({
    url: `https://platform.example/login?state=${state}&back=${encodeURIComponent(callbackUrl)}`,
    data: { kept: 'here' },
  }),
  finish: async ({ data }) => ({ subject: { ...subject, id: data['kept'] === 'here' ? 'u-1' : 'lost' } }),
})

const clock = fixedClock('2026-11-24T08:00:00+08:00')
const log: LogEntry[] = []
beforeEach(() => {
  clock.set('2026-11-24T08:00:00+08:00')
  log.length = 0
})

function make(more: Partial<IdentityOptions> = {}, secrets: Secret[] = [secret(firstSecret)]): Identity {
  return createIdentity({
    providers: [stub(), stub('other')],
    session: { secrets, idleMinutes: 30, absoluteMinutes: 120 },
    baseUrl: 'https://window.example',
    clock,
    logger: (entry) => void log.push(entry),
    ...more,
  })
}

const at = (path: string, { cookie = '', method = 'GET' }: { cookie?: string; method?: string } = {}): Request =>
  new Request(`https://window.example${path}`, { method, headers: cookie ? { cookie } : {} })
const pairs = (response: Response | undefined): string[] =>
  (response?.headers.getSetCookie() ?? [])
    .filter((line) => !line.includes('Max-Age=0'))
    .map((line) => line.split(';')[0] ?? '')

async function begin(
  identity: Identity,
  query = '',
): Promise<{ state: string; cookie: string; response: Response | undefined }> {
  const response = await identity.handle(at(`/identity/login/stub${query}`))
  const state = new URL(response?.headers.get('location') ?? '').searchParams.get('state') ?? ''
  return { state, cookie: pairs(response).join('; '), response }
}

async function logIn(identity: Identity): Promise<{ cookie: string; response: Response | undefined }> {
  const { state, cookie } = await begin(identity)
  const response = await identity.handle(at(`/identity/callback/stub?state=${state}`, { cookie }))
  return { cookie: pairs(response).join('; '), response }
}

async function codeOf(response: Response | undefined): Promise<string | undefined> {
  return /ERR_[A-Z_]+/.exec((await response?.text()) ?? '')?.[0]
}

describe('the login of a system', () => {
  it('keeps its cookies to this origin, from scripts, and from other sites', async () => {
    const identity = make()
    const { response: start } = await begin(identity)
    const { response } = await logIn(identity)
    for (const line of [...(start?.headers.getSetCookie() ?? []), ...(response?.headers.getSetCookie() ?? [])]) {
      expect(line).toMatch(/^__Host-zc-session[^;]*; Path=\/; HttpOnly; SameSite=Lax; Secure/)
    }
    expect(response?.status).toBe(303)
    expect(response?.headers.get('cache-control')).toBe('no-store')
  })

  it('leaves every other path alone', async () => {
    for (const path of [
      '/',
      '/identity',
      '/identity/session',
      '/identity/login',
      '/identity/login/stub/x',
      '/identityx/login/stub',
    ]) {
      expect(await make().handle(at(path))).toBeUndefined()
    }
  })

  it.each([
    ['?returnTo=/cases/1', '/cases/1'],
    ['', '/'],
    ['?returnTo=//evil.example', '/'],
    ['?returnTo=/%255cevil.example', '/'],
    ['?returnTo=https:evil.example', '/'],
    ['?returnTo=/identity/login/stub', '/'],
  ])('returns from %s to %s', async (query, path) => {
    const identity = make()
    const { state, cookie } = await begin(identity, query)
    const response = await identity.handle(at(`/identity/callback/stub?state=${state}`, { cookie }))
    expect(response?.headers.get('location')).toBe(path)
  })

  it('refuses a state that was used, although the browser kept its cookie', async () => {
    const identity = make()
    const { state, cookie } = await begin(identity)
    const callback = () => identity.handle(at(`/identity/callback/stub?state=${state}`, { cookie }))
    expect((await callback())?.status).toBe(303)
    expect(await codeOf(await callback())).toBe('ERR_IDENTITY_STATE_CONSUMED')
  })

  it('refuses a state after ten minutes', async () => {
    const identity = make()
    const { state, cookie } = await begin(identity)
    clock.advance(600_000)
    expect(await codeOf(await identity.handle(at(`/identity/callback/stub?state=${state}`, { cookie })))).toBe(
      'ERR_IDENTITY_STATE_EXPIRED',
    )
  })

  it('refuses a state of another browser, of another provider, or made up', async () => {
    const identity = make()
    const { state, cookie } = await begin(identity)
    expect(await codeOf(await identity.handle(at(`/identity/callback/stub?state=${state}`)))).toBe(
      'ERR_IDENTITY_STATE_UNBOUND',
    )
    expect(await codeOf(await identity.handle(at(`/identity/callback/other?state=${state}`, { cookie })))).toBe(
      'ERR_IDENTITY_STATE_MISMATCH',
    )
    expect(await codeOf(await identity.handle(at(`/identity/callback/stub?state=${state}x`, { cookie })))).toBe(
      'ERR_IDENTITY_STATE_MISMATCH',
    )
  })

  it('does not take a session cookie for a login’s, nor the other way round', async () => {
    const identity = make()
    const { cookie } = await logIn(identity)
    const { state, cookie: loginCookie } = await begin(identity)
    const [name = ''] = loginCookie.split('=')
    const [sessionName = '', sessionValue = ''] = cookie.split('=')
    const swapped = await identity.handle(
      at(`/identity/callback/stub?state=${state}`, { cookie: `${name}=${sessionValue}` }),
    )
    expect(await codeOf(swapped)).toBe('ERR_IDENTITY_STATE_UNBOUND')
    const asSession = at('/', { cookie: `${sessionName}=${loginCookie.slice(name.length + 1)}` })
    expect(await identity.readSession(asSession)).toBeUndefined()
  })

  it('lets two tabs log in side by side, and forgets logins beyond a handful', async () => {
    const identity = make()
    const one = await begin(identity)
    const two = await begin(identity)
    const cookie = `${one.cookie}; ${two.cookie}`
    for (const { state } of [one, two]) {
      expect((await identity.handle(at(`/identity/callback/stub?state=${state}`, { cookie })))?.status).toBe(303)
    }
    const many = await Promise.all([1, 2, 3, 4].map(() => begin(identity)))
    const response = await identity.handle(
      at('/identity/login/stub', { cookie: many.map((login) => login.cookie).join('; ') }),
    )
    expect(response?.headers.getSetCookie().filter((line) => line.includes('Max-Age=0'))).toHaveLength(4)
  })

  it.each([
    ['/identity/login/nobody', 'GET', 404, 'ERR_IDENTITY_PROVIDER_UNKNOWN'],
    ['/identity/callback/nobody', 'GET', 404, 'ERR_IDENTITY_PROVIDER_UNKNOWN'],
    ['/identity/callback/stub?state=x', 'POST', 405, 'ERR_IDENTITY_METHOD_NOT_ALLOWED'],
    ['/identity/logout', 'GET', 405, 'ERR_IDENTITY_METHOD_NOT_ALLOWED'],
    ['/identity/callback/stub', 'GET', 400, 'ERR_IDENTITY_STATE_MISSING'],
    ['/identity/callback/stub?state=a&state=b', 'GET', 400, 'ERR_IDENTITY_PARAMETER_DUPLICATE'],
  ])('answers %s by %s with %i', async (path, method, status, code) => {
    const response = await make().handle(at(path, { method }))
    expect(response?.status).toBe(status)
    expect(response?.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await codeOf(response)).toBe(code)
  })

  it('does not hide a fault of our own as a refusal', async () => {
    const broken = { ...stub(), start: async () => Promise.reject(new TypeError('a bug')) }
    await expect(make({ providers: [broken] }).handle(at('/identity/login/stub'))).rejects.toThrow('a bug')
  })
})

describe('a session', () => {
  it('is new at each login, and the one before it ends', async () => {
    const identity = make()
    const { cookie: planted } = await logIn(identity)
    const before = await identity.readSession(at('/', { cookie: planted }))
    const { state, cookie } = await begin(identity)
    const response = await identity.handle(
      at(`/identity/callback/stub?state=${state}`, { cookie: `${cookie}; ${planted}` }),
    )
    const after = await identity.readSession(at('/', { cookie: pairs(response).join('; ') }))
    expect(after?.id).not.toBe(before?.id)
    expect(await identity.readSession(at('/', { cookie: planted }))).toBeUndefined()
  })

  it('ends when nobody moved for the idle time', async () => {
    const identity = make()
    const { cookie } = await logIn(identity)
    clock.advance(30 * 60_000 - 1000)
    expect(await identity.readSession(at('/', { cookie }))).toBeDefined()
    clock.advance(1000)
    expect(await identity.readSession(at('/', { cookie }))).toBeUndefined()
  })

  it('is renewed while somebody moves, and ends at the absolute limit all the same', async () => {
    const identity = make()
    let { cookie } = await logIn(identity)
    const first = await identity.readSession(at('/', { cookie }))
    expect(await identity.renewSession(first!)).toBeUndefined()
    for (let minute = 0; minute < 110; minute += 10) {
      clock.advance(600_000)
      const session = await identity.readSession(at('/', { cookie }))
      expect(session?.id).toBe(first?.id)
      const renewed = await identity.renewSession(session!)
      if (renewed) cookie = renewed.split(';')[0] ?? ''
    }
    clock.advance(600_000)
    expect(await identity.readSession(at('/', { cookie }))).toBeUndefined()
  })

  it('ends at logout, on a copied cookie too, and only by POST', async () => {
    const identity = make()
    const { cookie } = await logIn(identity)
    const response = await identity.handle(at('/identity/logout', { method: 'POST', cookie }))
    expect(response?.status).toBe(303)
    expect(response?.headers.get('set-cookie')).toContain('Max-Age=0')
    expect(await identity.readSession(at('/', { cookie }))).toBeUndefined()
  })

  it('ends here even if the platform’s logout address cannot be found', async () => {
    const provider = { ...stub(), logoutUrl: async () => Promise.reject(new TypeError('unreachable')) }
    const identity = make({ providers: [provider] })
    const { cookie } = await logIn(identity)
    expect(await identity.endSession(at('/', { cookie }))).toEqual({ cookies: [expect.stringContaining('Max-Age=0')] })
    expect(log.map(({ event }) => event)).toContain('identity.logout_url_failed')
  })

  it('opens under the key before last and is sealed under the newest', async () => {
    const { cookie } = await logIn(make())
    const rotated = make({}, [secret(secondSecret), secret(firstSecret)])
    expect(await rotated.readSession(at('/', { cookie }))).toBeDefined()
    const { cookie: fresh } = await logIn(rotated)
    expect(await make().readSession(at('/', { cookie: fresh }))).toBeUndefined()
    expect(await make({}, [secret(secondSecret)]).readSession(at('/', { cookie }))).toBeUndefined()
  })

  it.each([
    ['altered', (value: string) => `${value.slice(0, -3)}AAA`],
    ['cut', (value: string) => value.slice(0, 40)],
    ['empty', () => ''],
    ['not a JWE', () => 'hello'],
    ['huge', (value: string) => value.padEnd(5000, 'A')],
    ['unencrypted', () => `${btoa('{"alg":"none"}')}.${btoa('{}')}.`],
  ])('that is %s is none', async (_, change) => {
    const identity = make()
    const { cookie } = await logIn(identity)
    const [name = '', value = ''] = cookie.split('=')
    expect(await identity.readSession(at('/', { cookie: `${name}=${change(value)}` }))).toBeUndefined()
  })

  it('that comes twice is none, for somebody planted one of them', async () => {
    const identity = make()
    const [one, two] = [await logIn(identity), await logIn(identity)]
    expect(await identity.readSession(at('/', { cookie: `${one.cookie}; ${two.cookie}` }))).toBeUndefined()
  })

  it('is what OpenSSL decrypts with the derived key, and holds nothing readable before', async () => {
    const { cookie } = await logIn(make())
    const value = cookie.slice(cookie.indexOf('=') + 1)
    const [header = '', , iv = '', ciphertext = '', tag = ''] = value.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      typ: 'zc-session+jwe',
    })
    const key = Buffer.from(hkdfSync('sha256', firstSecret, '', 'zhicheng identity session v1', 32))
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'))
    decipher.setAAD(Buffer.from(header, 'ascii')).setAuthTag(Buffer.from(tag, 'base64url'))
    const text = decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
    expect(JSON.parse(text)).toMatchObject({ provider: 'stub', subject: { id: 'u-1' } })
  })

  it('too large for a cookie is refused instead of being dropped by the browser', async () => {
    const wide = { ...subject, principal: { ...subject.principal, name: '样'.repeat(2000) } }
    const identity = make({ providers: [{ ...stub(), finish: async () => ({ subject: wide }) }] })
    const { response } = await logIn(identity)
    expect(await codeOf(response)).toBe('ERR_IDENTITY_SESSION_TOO_LARGE')
  })

  it('is shown masked', async () => {
    const identity = make()
    expect(await identity.view(at('/'))).toEqual({
      authenticated: false,
      providers: [
        { id: 'stub', name: '样例平台', loginUrl: '/identity/login/stub' },
        { id: 'other', name: '样例平台', loginUrl: '/identity/login/other' },
      ],
    })
    const { cookie } = await logIn(identity)
    const view = await identity.view(at('/', { cookie }))
    expect(view.user).toMatchObject({ displayName: '*三（样例）', kind: 'person', assurance: 3, provider: 'stub' })
    expect(JSON.stringify(view)).not.toContain('1101')
  })
})

describe('the configuration', () => {
  it('on plain http off loopback refuses to start', () => {
    expect(() => make({ baseUrl: 'http://window.example' })).toThrow(
      expect.objectContaining({ code: 'ERR_IDENTITY_INSECURE_URL' }),
    )
  })

  it.each<[string, object]>([
    ['the name as a text', { allowInsecureHttp: true }],
    ['a symbol of the same name', { [Symbol('allowInsecureHttp')]: true }],
    ['a symbol everybody can look up', { [Symbol.for('allowInsecureHttp')]: true }],
    ['a word in place of true', { [allowInsecureHttp]: 'true' }],
    ['false', { [allowInsecureHttp]: false }],
  ])('on plain http off loopback refuses %s: only the exported switch set to true opens it', (_, more) => {
    const refused = expect.objectContaining({ code: 'ERR_IDENTITY_INSECURE_URL' })
    expect(() => make({ baseUrl: 'http://window.example', ...more })).toThrow(refused)
    const platform = { id: 'p', name: '样例平台', clientId: 'window', clientSecret: secret('not-real') }
    expect(() => oidc({ ...platform, issuer: 'http://id.example', ...more })).toThrow(refused)
  })

  it('opens a platform on plain http by a switch of its own, not by that of the system', () => {
    const platform = { id: 'p', name: '样例平台', clientId: 'window', clientSecret: secret('not-real') }
    expect(() =>
      make({
        baseUrl: 'http://window.example',
        [allowInsecureHttp]: true,
        providers: [oidc({ ...platform, issuer: 'http://id.example' })],
      }),
    ).toThrow(expect.objectContaining({ code: 'ERR_IDENTITY_INSECURE_URL' }))
    const provider = oidc({ ...platform, issuer: 'http://id.example', [allowInsecureHttp]: true })
    expect(make({ providers: [provider] })).toHaveProperty('handle')
  })

  it('on plain http with the switch drops prefix and Secure, and says so', async () => {
    const identity = make({ baseUrl: 'http://window.example', [allowInsecureHttp]: true })
    expect(log).toContainEqual(expect.objectContaining({ level: 'warning', event: 'identity.insecure_http' }))
    const { response } = await logIn(identity)
    expect(response?.headers.getSetCookie()[0]).toMatch(/^zc-session=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  it('on loopback works without the prefix and without a warning', async () => {
    const identity = make({ baseUrl: 'http://127.0.0.1:4700' })
    expect((await begin(identity)).cookie).toMatch(/^zc-session-login-/)
    expect(log).toEqual([])
  })

  it.each<[string, Partial<IdentityOptions>]>([
    ['a path in baseUrl', { baseUrl: 'https://window.example/app' }],
    ['a slash at the end of basePath', { basePath: '/identity/' }],
    ['no provider', { providers: [] }],
    ['two providers of one id', { providers: [stub(), stub()] }],
    ['an id with a slash', { providers: [stub('a/b')] }],
    ['a foreign defaultReturnPath', { defaultReturnPath: '//evil.example' }],
    ['no secret', { session: { secrets: [] } }],
    ['a short secret', { session: { secrets: [secret('short')] } }],
    [
      'an absolute limit below the idle one',
      { session: { secrets: [secret(firstSecret)], idleMinutes: 10, absoluteMinutes: 5 } },
    ],
  ])('with %s is refused', (_, more) => {
    expect(() => make(more)).toThrow(expect.objectContaining({ code: 'ERR_IDENTITY_CONFIGURATION' }))
  })
})

describe('the memory of what happened once', () => {
  it('takes a key once until its time, and refuses rather than forgets when full', async () => {
    const once = memoryOnceStore({ clock, maxEntries: 2 })
    const until = new Date(clock.now().getTime() + 1000)
    expect(await once.mark('a', until)).toBe(true)
    expect(await once.mark('a', until)).toBe(false)
    expect(await once.mark('b', until)).toBe(true)
    await expect(once.mark('c', until)).rejects.toMatchObject({ code: 'ERR_IDENTITY_TOO_MANY_LOGINS', retryable: true })
    clock.advance(1000)
    expect(await once.has('a')).toBe(false)
    expect(await once.mark('c', new Date(clock.now().getTime() + 1000))).toBe(true)
  })
})
