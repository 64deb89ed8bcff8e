/**
 * Misbehaviour of the OpenID face by name: the right answer is made first and then spoiled. The names are those of the
 * attacks on relying parties that a login must withstand.
 */
import type { FaultTools } from './fault-tools.ts'
import { idTokenFaults, spoilIdToken } from './id-token-faults.ts'

/** Fields to set; `undefined` takes a field out. */
type Patch = Readonly<Record<string, unknown>>

/** One fault: which answers it touches, and what it does to them. */
export interface OidcFault {
  /** One sentence. */
  what: string
  /** Spoils the address that sends the browser back with a code. */
  callback?: (url: URL) => void
  /** Spoils the JSON of the answer at this path below the issuer. */
  json?: { path: string; patch: (body: Record<string, unknown>, tools: FaultTools) => Patch | Promise<Patch> }
  /** Replaces the answer of the token endpoint. */
  token?: (response: Response) => Response
}

const tokenPath = '/token'
const userInfoPath = '/me'

function tokenField(what: string, patch: (body: Record<string, unknown>) => Patch): OidcFault {
  return { what, json: { path: tokenPath, patch } }
}

/** Every fault of the face. */
export const oidcFaults: Readonly<Record<string, OidcFault>> = {
  'disc-issuer-mismatch': {
    what: 'The metadata names another issuer.',
    json: { path: '/.well-known/openid-configuration', patch: () => ({ issuer: 'https://other.example' }) },
  },
  'resp-state-wrong': {
    what: 'The callback has another state.',
    callback: (url) => url.searchParams.set('state', 'x'.repeat(43)),
  },
  'resp-state-missing': { what: 'The callback has no state.', callback: (url) => url.searchParams.delete('state') },
  'resp-state-duplicated': { what: 'The callback has the state twice.', callback: (url) => repeat(url, 'state') },
  'resp-code-duplicated': { what: 'The callback has the code twice.', callback: (url) => repeat(url, 'code') },
  'resp-iss-wrong': {
    what: 'The callback names another issuer.',
    callback: (url) => url.searchParams.set('iss', 'https://other.example'),
  },
  'resp-iss-missing': {
    what: 'The callback names no issuer though the metadata promises one.',
    callback: (url) => url.searchParams.delete('iss'),
  },
  'resp-error-xss': {
    what: 'The callback is an error whose text carries markup.',
    callback(url) {
      url.searchParams.delete('code')
      url.searchParams.set('error', '<script>alert(1)</script>')
      url.searchParams.set('error_description', '<img src=x onerror=alert(1)>')
    },
  },
  'tok-redirect': {
    what: 'The token endpoint sends the client elsewhere.',
    token: () => new Response(null, { status: 307, headers: { location: '/oidc/elsewhere' } }),
  },
  'tok-html': {
    what: 'The token endpoint answers a page.',
    token: () => new Response('<!doctype html><p>维护中</p>', { headers: { 'content-type': 'text/html' } }),
  },
  'tok-type-unknown': tokenField('The token type is unknown.', () => ({ token_type: 'mac' })),
  'tok-type-missing': tokenField('The token answer has no token type.', () => ({ token_type: undefined })),
  'tok-access-missing': tokenField('The token answer has no access token.', () => ({ access_token: undefined })),
  'tok-idtoken-missing': tokenField('The token answer has no ID token.', () => ({ id_token: undefined })),
  'tok-idtoken-array': tokenField('The ID token is an array.', (body) => ({ id_token: [body['id_token']] })),
  'tok-idtoken-garbage': tokenField('The ID token is no JWT.', () => ({ id_token: 'garbage' })),
  'ui-sub-mismatch': {
    what: 'The user info is of another subject.',
    json: { path: userInfoPath, patch: () => ({ sub: 'somebody-else' }) },
  },
  'ui-sub-missing': {
    what: 'The user info has no subject.',
    json: { path: userInfoPath, patch: () => ({ sub: undefined }) },
  },
  'idt-kid-absent-multi': {
    what: 'The ID token names no key and several fit.',
    json: {
      path: '/jwks',
      async patch({ keys }, tools) {
        const { publicJwk } = await tools.keys.stranger()
        return { keys: [...(keys as unknown[]), { ...publicJwk, kid: 'second' }] }
      },
    },
  },
  ...Object.fromEntries(
    Object.entries(idTokenFaults)
      .filter(([name]) => name !== 'idt-kid-absent-multi')
      .map(([name, { what }]) => [name, { what: `The ID token is wrong: ${what[0]?.toLowerCase()}${what.slice(1)}` }]),
  ),
}

/** Spoils an answer by every fault that is on. */
export async function applyFaults(names: readonly string[], answer: Response, tools: FaultTools): Promise<Response> {
  let spoilt = answer
  for (const name of names) spoilt = await applyFault(name, spoilt, tools)
  return spoilt
}

async function applyFault(name: string, answer: Response, tools: FaultTools): Promise<Response> {
  const fault = oidcFaults[name]
  const path = tools.url.pathname.slice('/oidc'.length)
  const location = answer.headers.get('location')
  if (fault?.callback && location && isCallback(location, tools)) {
    const url = new URL(location)
    fault.callback(url)
    const headers = new Headers(answer.headers)
    headers.set('location', url.href)
    return new Response(null, { status: answer.status, headers })
  }
  if (answer.status !== 200) return answer
  if (fault?.token && path === tokenPath) return fault.token(answer)
  const spoilsToken = path === tokenPath && Object.hasOwn(idTokenFaults, name)
  if (fault?.json?.path !== path && !spoilsToken) return answer
  const body = (await answer.json()) as Record<string, unknown>
  if (fault?.json?.path === path) Object.assign(body, await fault.json.patch(body, tools))
  if (spoilsToken) body['id_token'] = await spoilIdToken(name, String(body['id_token']), tools)
  const headers = new Headers(answer.headers)
  headers.delete('content-length')
  return new Response(JSON.stringify(body), { status: 200, headers })
}

function isCallback(location: string, { clients }: FaultTools): boolean {
  return clients.some(({ redirectUris }) => redirectUris.some((uri) => location.startsWith(`${uri}?`)))
}

function repeat(url: URL, name: string): void {
  url.searchParams.append(name, url.searchParams.get(name) ?? '')
}
