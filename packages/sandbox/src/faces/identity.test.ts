import type { Subject } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { personas } from '../personas.ts'
import {
  createFaces,
  createWorld,
  departmentOrigin,
  irsSecret,
  logIn,
  oidcProvider,
  oidcSecret,
  requestOf,
  zhejiangProvider,
} from '../test-support/identity-world.ts'

let faces: Awaited<ReturnType<typeof createFaces>>
beforeAll(async () => {
  faces = await createFaces()
})

const providers = { oidc: () => oidcProvider(), zhejiang: () => zhejiangProvider() }
type ProviderId = keyof typeof providers

/** Everything a department's own code does with a login; nothing in it knows which platform is configured. */
async function story(provider: ProviderId, persona: string): Promise<{ subject: Subject | undefined; view: unknown }> {
  const world = createWorld(faces, { providers: [providers[provider]()] })
  const browser = world.browser()
  const [choice] = (await world.identity.view(requestOf(browser))).providers
  const login = await browser.open(`${departmentOrigin}${choice?.loginUrl}?returnTo=/cases/1`)
  const page = await browser.submit(login, { persona })
  expect(page.url.pathname).toBe('/cases/1')
  const session = await world.identity.readSession(requestOf(browser))
  const view = await world.identity.view(requestOf(browser))
  await world.identity.endSession(requestOf(browser))
  expect(await world.identity.readSession(requestOf(browser))).toBeUndefined()
  return { subject: session?.subject, view: { ...view.user, provider: '', expiresAt: '' } }
}

describe('another platform', () => {
  it.each(['citizen', 'elder', 'operator', 'legal-representative', 'hong-kong-resident', 'unverified'])(
    'changes the configuration only: %s is the same subject and the same view on both',
    async (persona) => {
      const [overOidc, overZhejiang] = [await story('oidc', persona), await story('zhejiang', persona)]
      expect(overOidc.view).toEqual(overZhejiang.view)
      expect(comparable(overOidc.subject)).toEqual(comparable(overZhejiang.subject))
    },
  )
})

describe('personal numbers, tickets and tokens', () => {
  it.each(['oidc', 'zhejiang'] as const)(
    'never reach logs, addresses, pages or readable cookies over %s',
    async (id) => {
      faces.log.length = 0
      const world = createWorld(faces, { providers: [providers[id]()] })
      const seen: string[] = []
      const browser = world.browser()
      for (const persona of ['citizen', 'operator', 'legal-representative']) {
        const page = await logIn(browser, { provider: id, persona })
        seen.push(page.text)
        seen.push(requestOf(browser).headers.get('cookie') ?? '')
        seen.push(JSON.stringify(await world.identity.view(requestOf(browser))))
        const session = await world.identity.readSession(requestOf(browser))
        expect(session).toBeDefined()
        const { redirectUrl, cookies } = await world.identity.endSession(requestOf(browser))
        seen.push(redirectUrl ?? '', ...cookies)
        browser.cookies.clear()
      }
      // Refusals late in the flow hold the most: let the last answer of each platform be wrong once.
      for (const fault of [
        'ui-sub-mismatch',
        'idt-nonce-wrong',
        'idt-alg-none',
        'zheliban-user-empty',
        'tok-type-unknown',
      ]) {
        world.chaos.add(fault)
        seen.push((await logIn(world.browser(), { provider: id })).text)
        world.chaos.delete(fault)
      }
      seen.push(...world.calls, ...world.log.map((entry) => JSON.stringify(entry)))

      const secrets = [oidcSecret, irsSecret, ...numbers(), ...handedOut(world.answers, browser.visited)]
      expect(secrets.length).toBeGreaterThan(10)
      const everything = seen.join('\n')
      expect(everything.length).toBeGreaterThan(2000)
      for (const secret of secrets)
        expect(everything.includes(secret), `a secret of ${secret.length} characters`).toBe(false)
    },
  )
})

/** Numbers of every persona. */
function numbers(): string[] {
  return personas
    .flatMap(({ principal, actor }) => [principal, actor])
    .flatMap((party) => (party?.kind === 'person' ? [party.document?.number ?? '', party.mobile ?? ''] : []))
    .filter((number) => number !== '')
}

/** Codes, tickets and tokens that were handed out, from the platforms' own answers. */
function handedOut(answers: readonly string[], visited: readonly string[]): string[] {
  const tokens = answers.flatMap((answer) => [...answer.matchAll(/"(?:access_token|accessToken|id_token)":"([^"]+)"/g)])
  const codes = visited.flatMap((address) => [...address.matchAll(/[?&](?:code|ticketId)=([^&]+)/g)])
  return [...tokens, ...codes].map((match) => match[1] ?? '').filter((value) => value.length > 8)
}

/** A subject without what only its own platform can say: identifiers, issuer, time. */
function comparable(subject: Subject | undefined): unknown {
  const text = JSON.stringify(subject, (key, value: unknown) =>
    key === 'id' || key === 'issuer' || key === 'authenticatedAt' ? undefined : value,
  )
  const { actor, ...rest } = JSON.parse(text) as Subject
  return actor ? { ...rest, actor } : rest
}
