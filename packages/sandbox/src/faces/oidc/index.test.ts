import { secret } from '@zhicheng/core'
import type { OidcOptions } from '@zhicheng/identity'
import { beforeAll, describe, expect, it } from 'vitest'
import { personas } from '../../personas.ts'
import {
  clientKey,
  createFaces,
  createWorld,
  departmentOrigin,
  logIn,
  oidcProvider,
  requestOf,
  sandboxOrigin,
} from '../../test-support/identity-world.ts'

let faces: Awaited<ReturnType<typeof createFaces>>
beforeAll(async () => {
  faces = await createFaces()
})

describe('a login over OpenID Connect', () => {
  it('brings a citizen back to the page that asked, with name, document and level', async () => {
    const world = createWorld(faces, { providers: [oidcProvider({ requiredAssurance: 2, maxAge: 3600 })] })
    const browser = world.browser()
    const page = await logIn(browser, { provider: 'oidc', returnTo: '/cases/1?step=2' })
    expect(page.url.href).toBe(`${departmentOrigin}/cases/1?step=2`)
    const session = await world.identity.readSession(requestOf(browser))
    expect(session?.subject).toMatchObject({
      id: '330100000001',
      issuer: `${sandboxOrigin}/oidc`,
      principal: {
        kind: 'person',
        name: '张三（样例）',
        document: { kind: 'resident-id', number: '11010519491231002X' },
        mobile: '13700009050',
      },
      assurance: 3,
    })
    expect(session?.subject.actor).toBeUndefined()
  })

  it.each<[string, Partial<OidcOptions>]>([
    [
      'its secret in the form, and ES256 tokens',
      { clientId: 'window-post', clientAuthentication: 'client_secret_post', idTokenAlgorithm: 'ES256' },
    ],
    ['a signed assertion', { clientId: 'window-key', privateKey: secret(clientKey.privateKey) }],
  ])('works for a client that proves itself with %s', async (_, options) => {
    const world = createWorld(faces, { providers: [oidcProvider(options)] })
    const browser = world.browser()
    await logIn(browser, { provider: 'oidc' })
    expect((await world.identity.readSession(requestOf(browser)))?.subject.assurance).toBe(3)
  })

  it('is refused for a client with a wrong secret, and the secret stays out of the answer', async () => {
    const world = createWorld(faces, { providers: [oidcProvider({ clientSecret: secret('wrong-secret-not-real') })] })
    const page = await logIn(world.browser(), { provider: 'oidc' })
    expect(page.text).toContain('ERR_IDENTITY_TOKEN_RESPONSE_INVALID')
    expect(page.text).not.toContain('wrong-secret')
  })

  it('brings a company with the operator who acts for it', async () => {
    const world = createWorld(faces, { providers: [oidcProvider()] })
    const browser = world.browser()
    await logIn(browser, { provider: 'oidc', persona: 'delegate' })
    const session = await world.identity.readSession(requestOf(browser))
    expect(session?.subject).toMatchObject({
      principal: { kind: 'organisation', uscc: '91330110MA2AXY0E7F' },
      actor: { kind: 'person', name: '李四（样例）' },
      mandate: { kind: 'delegate', validUntil: '2030-12-31T23:59:59+08:00' },
      assurance: 2,
    })
  })

  it('refuses a persona below the required level with the address to step up at', async () => {
    const world = createWorld(faces, { providers: [oidcProvider({ requiredAssurance: 2 })] })
    const browser = world.browser()
    const page = await logIn(browser, { provider: 'oidc', persona: 'unverified' })
    expect(page.response.status).toBe(403)
    expect(page.text).toContain('ERR_IDENTITY_ASSURANCE_TOO_LOW')
    expect(page.text).toContain('href="/identity/login/oidc"')
    expect(await world.identity.readSession(requestOf(browser))).toBeUndefined()
  })

  it('says so when the user cancels at the platform', async () => {
    const world = createWorld(faces, { providers: [oidcProvider()] })
    const browser = world.browser()
    const login = await browser.open(`${departmentOrigin}/identity/login/oidc`)
    const page = await browser.submit(login, { cancel: 'yes' })
    expect(page.text).toContain('ERR_IDENTITY_LOGIN_REFUSED')
  })

  it('logs out here and at the platform, and the old cookie is dead', async () => {
    const world = createWorld(faces, { providers: [oidcProvider()] })
    const browser = world.browser()
    await logIn(browser, { provider: 'oidc' })
    const before = requestOf(browser)
    const { redirectUrl, cookies } = await world.identity.endSession(requestOf(browser))
    expect(cookies[0]).toContain('Max-Age=0')
    expect(await world.identity.readSession(before)).toBeUndefined()
    expect(redirectUrl).not.toMatch(/id_token/)
    const asked = await browser.open(redirectUrl ?? '')
    expect(asked.text).toContain('是否同时退出')
    const done = await browser.submit(asked, { logout: 'yes' })
    expect(done.url.href).toBe(`${departmentOrigin}/`)
    // The platform forgot the person too: the next login asks again.
    const again = await browser.open(`${departmentOrigin}/identity/login/oidc`)
    expect(again.text).toContain('请选择登录身份')
  })

  it('shows a login page that works without JavaScript and names nobody real', async () => {
    const world = createWorld(faces, { providers: [oidcProvider()] })
    const page = await world.browser().open(`${departmentOrigin}/identity/login/oidc`)
    expect(page.text).not.toContain('<script')
    expect(page.text).toContain('测试专用')
    expect(page.text.match(/name="persona"/g)).toHaveLength(personas.length)
    expect(page.text).not.toMatch(/\d{17}/)
  })

  it('answers a login that is no longer known with a page and status 400', async () => {
    const world = createWorld(faces, { providers: [oidcProvider()] })
    const page = await world.browser().open(`${sandboxOrigin}/oidc/interaction/unknown`)
    expect(page.response.status).toBe(400)
    expect(page.text).toContain('登录已失效')
  })
})
