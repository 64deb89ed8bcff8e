/** Spoilt ID tokens by name: wrong claims signed right, and right claims signed wrong. */
import { toBase64Url, utf8 } from '@zhicheng/core'
import {
  decodeJwt,
  decodeProtectedHeader,
  exportSPKI,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose'
import type { FaultTools } from './fault-tools.ts'

/** A token taken apart. */
interface Parts {
  token: string
  header: JWTHeaderParameters
  claims: JWTPayload
  tools: FaultTools
}

/** One way to spoil an ID token. */
interface IdTokenFault {
  what: string
  make: (parts: Parts) => Promise<string> | string
}

const now = (): number => Math.floor(Date.now() / 1000)
const hour = 3600

/** Wrong claims under the right signature. What the patch has as `undefined` is left out of the token. */
function claims(what: string, patch: (claims: JWTPayload) => Record<string, unknown>): IdTokenFault {
  return { what, make: (parts) => signRight({ ...parts, claims: { ...parts.claims, ...patch(parts.claims) } }) }
}

/** The faults by name. */
export const idTokenFaults: Readonly<Record<string, IdTokenFault>> = {
  'idt-iss-wrong': claims('Another issuer.', () => ({ iss: 'https://other.example' })),
  'idt-iss-missing': claims('No issuer.', () => ({ iss: undefined })),
  'idt-aud-wrong': claims('Another audience.', () => ({ aud: 'another-client' })),
  'idt-aud-missing': claims('No audience.', () => ({ aud: undefined })),
  'idt-aud-extra': claims('A second audience.', ({ aud }) => ({ aud: [String(aud), 'another-client'] })),
  'idt-azp-wrong': claims('Issued to another client.', () => ({ azp: 'another-client' })),
  'idt-exp-past': claims('Expired.', () => ({ iat: now() - 2 * hour, exp: now() - hour })),
  'idt-exp-missing': claims('No expiry.', () => ({ exp: undefined })),
  'idt-iat-missing': claims('No time of issue.', () => ({ iat: undefined })),
  'idt-iat-future': claims('Issued in two hours.', () => ({ iat: now() + 2 * hour, exp: now() + 3 * hour })),
  'idt-iat-week-past': claims('Issued a week ago and still not expired.', () => ({ iat: now() - 168 * hour })),
  'idt-nbf-future': claims('Not valid before an hour from now.', () => ({ nbf: now() + hour })),
  'idt-nonce-wrong': claims('Another nonce.', () => ({ nonce: 'another-nonce' })),
  'idt-nonce-missing': claims('No nonce.', () => ({ nonce: undefined })),
  'idt-sub-missing': claims('No subject.', () => ({ sub: undefined })),
  'idt-sub-empty': claims('An empty subject.', () => ({ sub: '' })),
  'idt-athash-wrong': claims('The hash of another access token.', () => ({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })),
  'idt-acr-lower': claims('A lower level than asked for.', () => ({ acr: 'urn:zhicheng:assurance:1' })),
  'idt-acr-missing': claims('No level.', () => ({ acr: undefined })),
  'idt-authtime-missing': claims('No time of authentication.', () => ({ auth_time: undefined })),
  'idt-authtime-old': claims('Authenticated a day ago.', () => ({ auth_time: now() - 24 * hour })),
  'idt-kid-absent-multi': {
    what: 'No key named, and several fit.',
    make: ({ header: { kid: _kid, ...header }, ...parts }) => signRight({ ...parts, header }),
  },
  'idt-typ-logout': {
    what: 'A logout token.',
    make: ({ header, claims: all, ...parts }) =>
      signRight({
        ...parts,
        header: { ...header, typ: 'logout+jwt' },
        claims: { ...all, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
      }),
  },
  'idt-crit-unknown': {
    what: 'An extension that must be understood and is unknown.',
    make: ({ header, ...parts }) =>
      signRight({ ...parts, header: { ...header, crit: ['urn:example:unknown'], 'urn:example:unknown': true } }),
  },
  'idt-sig-otherkey-samekid': {
    what: 'Signed by a stranger under a known key name.',
    make: (parts) => signStrange(parts),
  },
  'idt-kid-unknown': {
    what: 'Signed by a stranger under an unknown key name.',
    make: (parts) => signStrange(parts, { kid: 'unknown' }),
  },
  'idt-embedded-jwk': {
    what: 'Signed by a stranger whose key stands in the header.',
    make: async (parts) => signStrange(parts, { jwk: (await parts.tools.keys.stranger()).publicJwk }),
  },
  'idt-jku': {
    what: 'Signed by a stranger whose keys are said to be at an address.',
    make: (parts) => signStrange(parts, { kid: 'unknown', jku: `${parts.tools.origin}/oidc/strange-keys` }),
  },
  'idt-alg-es256-unregistered': {
    what: 'Signed with an algorithm the client did not register.',
    make: async ({ tools, claims: all }) => {
      const { key, kid } = await tools.keys.of('ES256')
      return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid }).sign(key)
    },
  },
  'idt-alg-none': { what: 'Not signed.', make: (parts) => unsigned(parts, 'none') },
  'idt-alg-None-case': { what: 'Not signed, in odd spelling.', make: (parts) => unsigned(parts, 'NoNe') },
  'idt-alg-hs256-pubkey': {
    what: 'HS256 keyed with the public key.',
    make: async ({ tools, header, claims: all }) => {
      const { publicJwk } = await tools.keys.of('RS256')
      const pem = await exportSPKI((await importJWK(publicJwk, 'RS256', { extractable: true })) as CryptoKey)
      return new SignJWT(all).setProtectedHeader({ ...header, alg: 'HS256' }).sign(utf8(pem))
    },
  },
  'idt-alg-hs256-secret': {
    what: 'HS256 keyed with the client secret.',
    make: ({ tools, header, claims: all }) => {
      const client = tools.clients.find(({ clientId }) => [all.aud].flat().includes(clientId))
      return new SignJWT(all)
        .setProtectedHeader({ ...header, alg: 'HS256' })
        .sign(utf8(client?.clientSecret?.reveal() ?? ''))
    },
  },
  'idt-sig-flipped': {
    what: 'One bit of the signature flipped.',
    make({ token }) {
      const at = token.lastIndexOf('.') + 10
      return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
    },
  },
  'idt-sig-stripped': {
    what: 'The signature left out.',
    make: ({ token }) => token.slice(0, token.lastIndexOf('.') + 1),
  },
  'idt-payload-swapped': {
    what: 'Other claims under the old signature.',
    make({ token, claims: all }) {
      const [head, , signature] = token.split('.')
      return `${head}.${encode({ ...all, sub: 'somebody-else' })}.${signature}`
    },
  },
}

/** The token spoilt by the fault of this name. */
export async function spoilIdToken(name: string, token: string, tools: FaultTools): Promise<string> {
  const fault = idTokenFaults[name]
  if (!fault) return token
  const header = decodeProtectedHeader(token) as JWTHeaderParameters
  return fault.make({ token, header, claims: decodeJwt(token), tools })
}

async function signRight({ header, claims: all, tools }: Omit<Parts, 'token'> & { token?: string }): Promise<string> {
  const { key } = await tools.keys.of(header.alg === 'ES256' ? 'ES256' : 'RS256')
  const crit = Object.fromEntries((header.crit ?? []).map((name) => [name, true]))
  return new SignJWT(all).setProtectedHeader(header).sign(key, { crit })
}

async function signStrange({ header, claims: all, tools }: Parts, more: object = {}): Promise<string> {
  const { privateKey } = await tools.keys.stranger()
  return new SignJWT(all).setProtectedHeader({ ...header, ...more, alg: 'RS256' }).sign(privateKey)
}

function unsigned({ header, claims: all }: Parts, alg: string): string {
  return `${encode({ ...header, alg })}.${encode(all)}.`
}

function encode(value: unknown): string {
  return toBase64Url(utf8(JSON.stringify(value)))
}
