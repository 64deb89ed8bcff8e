import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createFaces,
  createWorld,
  departmentOrigin,
  logIn,
  oidcProvider,
  requestOf,
  type World,
} from '../../test-support/identity-world.ts'
import { oidcFaults } from './faults.ts'

interface Attack {
  id: string
  code: string
  /** The claim the refusal must name. */
  claim?: string
  /** Refused before the code is exchanged. */
  early?: true
}

const claim = (id: string, name: string): Attack => ({ id, code: 'ERR_IDENTITY_CLAIM_INVALID', claim: name })
const early = (id: string, code: string): Attack => ({ id, code, early: true })

// One row an attack; the names are those of the published lists each comes from (OpenID Foundation suite, RFC 6749,
// 8725, 9207, 9700, OpenID Connect Core, the simulator of GOV.UK One Login).
const attacks: readonly Attack[] = [
  early('disc-issuer-mismatch', 'ERR_IDENTITY_ISSUER_MISMATCH'),
  early('resp-state-wrong', 'ERR_IDENTITY_STATE_UNBOUND'),
  early('resp-state-missing', 'ERR_IDENTITY_STATE_MISSING'),
  early('resp-state-duplicated', 'ERR_IDENTITY_PARAMETER_DUPLICATE'),
  early('resp-code-duplicated', 'ERR_IDENTITY_PARAMETER_DUPLICATE'),
  early('resp-iss-wrong', 'ERR_IDENTITY_RESPONSE_ISSUER_MISMATCH'),
  early('resp-iss-missing', 'ERR_IDENTITY_RESPONSE_ISSUER_MISMATCH'),
  early('resp-error-xss', 'ERR_IDENTITY_LOGIN_REFUSED'),
  { id: 'tok-redirect', code: 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID' },
  { id: 'tok-html', code: 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID' },
  { id: 'tok-type-unknown', code: 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID' },
  { id: 'tok-type-missing', code: 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID' },
  { id: 'tok-access-missing', code: 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID' },
  { id: 'tok-idtoken-missing', code: 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID' },
  { id: 'tok-idtoken-array', code: 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID' },
  { id: 'tok-idtoken-garbage', code: 'ERR_IDENTITY_ID_TOKEN_INVALID' },
  claim('idt-iss-wrong', 'iss'),
  claim('idt-iss-missing', 'iss'),
  claim('idt-aud-wrong', 'aud'),
  claim('idt-aud-missing', 'aud'),
  claim('idt-aud-extra', 'aud'),
  claim('idt-azp-wrong', 'azp'),
  claim('idt-exp-past', 'exp'),
  claim('idt-exp-missing', 'exp'),
  claim('idt-iat-missing', 'iat'),
  claim('idt-iat-future', 'iat'),
  claim('idt-iat-week-past', 'iat'),
  claim('idt-nbf-future', 'nbf'),
  claim('idt-nonce-wrong', 'nonce'),
  claim('idt-nonce-missing', 'nonce'),
  claim('idt-sub-missing', 'sub'),
  claim('idt-sub-empty', 'sub'),
  claim('idt-athash-wrong', 'at_hash'),
  { id: 'idt-acr-lower', code: 'ERR_IDENTITY_ASSURANCE_TOO_LOW' },
  { id: 'idt-acr-missing', code: 'ERR_IDENTITY_ASSURANCE_TOO_LOW' },
  claim('idt-authtime-missing', 'auth_time'),
  claim('idt-authtime-old', 'auth_time'),
  { id: 'idt-kid-absent-multi', code: 'ERR_IDENTITY_KEY_NOT_FOUND' },
  { id: 'idt-typ-logout', code: 'ERR_IDENTITY_TYPE_MISMATCH' },
  { id: 'idt-crit-unknown', code: 'ERR_IDENTITY_ID_TOKEN_INVALID' },
  { id: 'idt-sig-otherkey-samekid', code: 'ERR_IDENTITY_SIGNATURE_INVALID' },
  { id: 'idt-kid-unknown', code: 'ERR_IDENTITY_KEY_NOT_FOUND' },
  { id: 'idt-embedded-jwk', code: 'ERR_IDENTITY_SIGNATURE_INVALID' },
  { id: 'idt-jku', code: 'ERR_IDENTITY_KEY_NOT_FOUND' },
  { id: 'idt-alg-es256-unregistered', code: 'ERR_IDENTITY_ALGORITHM_NOT_ALLOWED' },
  { id: 'idt-alg-none', code: 'ERR_IDENTITY_ALGORITHM_NOT_ALLOWED' },
  { id: 'idt-alg-None-case', code: 'ERR_IDENTITY_ALGORITHM_NOT_ALLOWED' },
  { id: 'idt-alg-hs256-pubkey', code: 'ERR_IDENTITY_ALGORITHM_NOT_ALLOWED' },
  { id: 'idt-alg-hs256-secret', code: 'ERR_IDENTITY_ALGORITHM_NOT_ALLOWED' },
  { id: 'idt-sig-flipped', code: 'ERR_IDENTITY_SIGNATURE_INVALID' },
  { id: 'idt-sig-stripped', code: 'ERR_IDENTITY_SIGNATURE_INVALID' },
  { id: 'idt-payload-swapped', code: 'ERR_IDENTITY_SIGNATURE_INVALID' },
  { id: 'ui-sub-mismatch', code: 'ERR_IDENTITY_SUBJECT_MISMATCH' },
  { id: 'ui-sub-missing', code: 'ERR_IDENTITY_SUBJECT_MISMATCH' },
]

let faces: Awaited<ReturnType<typeof createFaces>>
beforeAll(async () => {
  faces = await createFaces()
})

async function attack(id: string): Promise<{ world: World; text: string; status: number; loggedIn: boolean }> {
  const world = createWorld(faces, { providers: [oidcProvider({ requiredAssurance: 3, maxAge: 3600 })] })
  const browser = world.browser()
  world.chaos.add(id)
  world.log.length = 0
  try {
    const page = await logIn(browser, { provider: 'oidc' })
    const loggedIn = (await world.identity.readSession(requestOf(browser))) !== undefined
    return { world, text: page.text, status: page.response.status, loggedIn }
  } finally {
    world.chaos.delete(id)
  }
}

describe('attacks on a relying party', () => {
  it('are the 54 of the list, and the platform can show each', () => {
    expect(attacks).toHaveLength(54)
    expect(new Set(attacks.map(({ id }) => id)).size).toBe(54)
    expect(Object.keys(oidcFaults).sort()).toEqual(attacks.map(({ id }) => id).sort())
  })

  const material = process.env['ZHICHENG_MATERIAL']
  const missing = material === undefined && process.env['CI'] !== 'true'
  it.skipIf(missing)('are those of the collected list (ZHICHENG_MATERIAL says where it is)', () => {
    const list = JSON.parse(readFileSync(`${material}/identity/attack-cases.json`, 'utf8')) as { id: string }[]
    expect(list.map(({ id }) => id).sort()).toEqual(attacks.map(({ id }) => id).sort())
  })

  it('leave a login through when none is on, so that a refusal is the attack’s doing', async () => {
    expect((await attack('none')).loggedIn).toBe(true)
  })

  it.each(attacks)('$id is refused with $code', async ({ id, code, claim: name, early: isEarly }) => {
    const { world, text, status, loggedIn } = await attack(id)
    expect(loggedIn).toBe(false)
    expect(text).toContain(code)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toMatch(/<script|<img/)
    const refused = world.log.find(({ event }) => event === 'identity.refused')
    expect(refused?.facts).toMatchObject({ code, ...(name ? { claim: name } : {}) })
    if (isEarly) expect(world.calls.filter((call) => call.startsWith('POST'))).toEqual([])
    if (id === 'disc-issuer-mismatch') expect(world.calls).toHaveLength(1)
    if (id === 'idt-kid-unknown') expect(world.calls.filter((call) => call.endsWith('/jwks'))).toHaveLength(2)
    expect(world.calls.some((call) => call.includes('strange-keys') || call.includes('elsewhere'))).toBe(false)
  })
})

describe('what only looks like an attack', () => {
  it('is the same answer coming twice: the second time there is nothing left to accept', async () => {
    const world = createWorld(faces, { providers: [oidcProvider()] })
    const browser = world.browser()
    await logIn(browser, { provider: 'oidc' })
    const callback = browser.visited.find((address) => address.includes('/identity/callback/oidc')) ?? ''
    const again = await browser.open(callback)
    expect(again.text).toContain('ERR_IDENTITY_STATE_UNBOUND')
    expect(callback.startsWith(departmentOrigin)).toBe(true)
  })
})
