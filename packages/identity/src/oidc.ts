/**
 * Any OpenID Connect platform as a login provider: code flow with PKCE S256, state, nonce and the issuer check of
 * RFC 9207, an ID token whose signature is always verified, and user info of the same subject.
 */
import { type AssuranceLevel, isZhichengError, type Secret, toBase64Url } from '@zhicheng/core'
import { importJWK, type JSONWebKeySet, type JWK } from 'jose'
import * as oauth from 'oauth4webapi'
import {
  authenticationTime,
  defaultAssuranceLevels,
  mapStandardClaims,
  readAssurance,
  requireAssurance,
  type SubjectClaims,
  type VerifiedClaims,
} from './claims.ts'
import { identityError } from './errors.ts'
import { type IdTokenAlgorithm, verifyIdToken } from './id-token.ts'
import { createIssuerCache, type Issuer } from './lib/issuer-cache.ts'
import { limitedFetch } from './lib/limited-fetch.ts'
import { checkAuthorizationAnswer, readTokenAnswer, readUserInfo } from './lib/oidc-answers.ts'
import type { IdentityProviderV1, LoginEnvironment } from './provider.ts'
import { allowInsecureHttp, secureUrl } from './secure-url.ts'

/** Options of {@link oidc}. One of `clientSecret` and `privateKey` is wanted. */
export interface OidcOptions {
  id: string
  name: string
  /** The issuer identifier; its metadata is read from `/.well-known/openid-configuration` below it. */
  issuer: string
  clientId: string
  clientSecret?: Secret
  /** Private signing key, as JWK with `alg` (and `kid`), for `private_key_jwt` (RFC 7523). */
  privateKey?: Secret<JWK>
  /** How `clientSecret` is sent. Default `client_secret_basic`. */
  clientAuthentication?: 'client_secret_basic' | 'client_secret_post'
  /** Default: the address of this system's own callback, one per provider. */
  redirectUri?: string
  /** Default `openid profile phone`. */
  scopes?: readonly string[]
  /** The algorithm the platform registered for this client. Default RS256. No other is accepted. */
  idTokenAlgorithm?: IdTokenAlgorithm
  /** Level below which a login is refused. */
  requiredAssurance?: AssuranceLevel
  /** Levels of the platform's `acr` values. */
  assuranceLevels?: Readonly<Record<string, AssuranceLevel>>
  /** Seconds since the person authenticated at the platform; older logins are repeated there. */
  maxAge?: number
  /** Further audiences the platform puts into ID tokens. Default none. */
  trustedAudiences?: readonly string[]
  /** Makes a subject of the verified claims. Default {@link mapStandardClaims}. */
  mapClaims?: (claims: VerifiedClaims) => SubjectClaims
  [allowInsecureHttp]?: true
}

/**
 * Makes the provider. Nothing is fetched before the first login.
 *
 * @example
 * ```ts
 * const provider = oidc({
 *   id: 'province', name: '统一身份认证', issuer: 'https://id.example.gov.cn', clientId: 'window',
 *   clientSecret: secret(process.env.OIDC_SECRET), requiredAssurance: 2,
 * })
 * ```
 */
export function oidc(options: OidcOptions): IdentityProviderV1 {
  const { issuer, clientId, scopes = ['openid', 'profile', 'phone'], idTokenAlgorithm = 'RS256', maxAge } = options
  const { assuranceLevels = defaultAssuranceLevels, requiredAssurance, mapClaims = mapStandardClaims } = options
  const insecure = options[allowInsecureHttp] === true
  const issuerUrl = secureUrl(issuer, { what: 'issuer', insecure })
  if (!options.clientSecret === !options.privateKey) {
    throw identityError('ERR_IDENTITY_CONFIGURATION', 'oidc() wants either clientSecret or privateKey.')
  }
  if (!scopes.includes('openid')) {
    throw identityError('ERR_IDENTITY_CONFIGURATION', 'scopes must hold "openid"; without it there is no ID token.')
  }
  const issuers = createIssuerCache({ issuerUrl, insecure })
  const authenticate = clientAuthentication(options)

  return {
    specification: 'v1',
    id: options.id,
    name: options.name,
    stateParameter: 'state',

    async start({ state, callbackUrl, random, ...environment }) {
      const { metadata } = await issuers.read(environment)
      const nonce = toBase64Url(random(32))
      const verifier = toBase64Url(random(32))
      const url = endpoint(metadata.authorization_endpoint, 'authorization_endpoint', insecure)
      const wanted = requiredAssurance === undefined ? [] : acrsFrom(requiredAssurance, assuranceLevels)
      const parameters: Record<string, string> = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: options.redirectUri ?? callbackUrl,
        scope: scopes.join(' '),
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(wanted.length > 0 ? { acr_values: wanted.join(' ') } : {}),
        ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return { url: url.href, data: { nonce, verifier } }
    },

    async finish({ state, callbackUrl, parameters, data, random, ...environment }) {
      const found = await issuers.read(environment)
      const client = clientFor(environment)
      const callback = checkAuthorizationAnswer(found.metadata, client, { parameters, state })
      const request = requestOptions(environment)
      const response = await answered(
        oauth.authorizationCodeGrantRequest(
          found.metadata,
          client,
          await authenticate(),
          callback,
          options.redirectUri ?? callbackUrl,
          data['verifier'] ?? '',
          request,
        ),
      )
      const tokens = await readTokenAnswer(response)
      const claims = await verifyIdToken(tokens.idToken, {
        issuer: found.metadata.issuer,
        clientId,
        algorithm: idTokenAlgorithm,
        keys: keysOf(found, environment),
        nonce: data['nonce'] ?? '',
        clock: environment.clock,
        accessToken: tokens.accessToken,
        ...(maxAge === undefined ? {} : { maxAge }),
        ...(options.trustedAudiences ? { trustedAudiences: options.trustedAudiences } : {}),
      })
      const assurance = readAssurance(claims['acr'], assuranceLevels)
      requireAssurance(assurance, requiredAssurance)
      const more = found.metadata.userinfo_endpoint
        ? await readUserInfo(
            await answered(oauth.userInfoRequest(found.metadata, client, tokens.accessToken, request)),
            claims.sub,
          )
        : {}
      const verified: VerifiedClaims = { ...more, ...claims }
      return {
        subject: {
          id: claims.sub,
          issuer: found.metadata.issuer,
          ...mapClaims(verified),
          assurance,
          authenticatedAt: authenticationTime(verified),
        },
      }
    },

    async logoutUrl({ returnUrl, ...environment }) {
      const { metadata } = await issuers.read(environment)
      if (!metadata.end_session_endpoint) return undefined
      // By client_id (RP-Initiated Logout 1.0, 2) and not by id_token_hint: a token has no place in an address.
      const url = endpoint(metadata.end_session_endpoint, 'end_session_endpoint', insecure)
      url.searchParams.set('client_id', clientId)
      url.searchParams.set('post_logout_redirect_uri', returnUrl)
      return url.href
    },
  }

  function clientFor({ clock }: Pick<LoginEnvironment, 'clock'>): oauth.Client {
    return { client_id: clientId, [oauth.clockSkew]: Math.round((clock.now().getTime() - Date.now()) / 1000) }
  }

  function requestOptions({ fetch, signal }: Pick<LoginEnvironment, 'fetch' | 'signal'>): {
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) => Promise<Response>
    [oauth.allowInsecureRequests]: boolean
  } {
    const send = limitedFetch(fetch, signal)
    return {
      [oauth.customFetch]: (url, init) => send(secureUrl(url, { what: 'endpoint', insecure }).href, init),
      // The rule of this house (https, or loopback) is applied in the line above, to every request.
      [oauth.allowInsecureRequests]: true,
    }
  }
}

/** The platform's values for a level and those above it. */
function acrsFrom(required: AssuranceLevel, levels: Readonly<Record<string, AssuranceLevel>>): string[] {
  return Object.keys(levels).filter((acr) => levels[acr]! >= required)
}

function keysOf(
  issuer: Issuer,
  environment: Pick<LoginEnvironment, 'clock' | 'fetch' | 'signal'>,
): (options: { refresh: boolean }) => Promise<JSONWebKeySet> {
  return ({ refresh }) => issuer.keys(environment, { refresh })
}

function clientAuthentication(options: OidcOptions): () => Promise<oauth.ClientAuth> {
  const { clientSecret, privateKey, clientAuthentication: method = 'client_secret_basic' } = options
  let imported: Promise<CryptoKey> | undefined
  return async () => {
    if (clientSecret) {
      return (method === 'client_secret_post' ? oauth.ClientSecretPost : oauth.ClientSecretBasic)(clientSecret.reveal())
    }
    const jwk = privateKey!.reveal()
    imported ??= importJWK(jwk) as Promise<CryptoKey>
    const key = await imported
    return oauth.PrivateKeyJwt(jwk.kid ? { key, kid: jwk.kid } : key)
  }
}

function endpoint(address: string | undefined, what: string, insecure: boolean): URL {
  if (address === undefined) {
    throw identityError('ERR_IDENTITY_DISCOVERY_FAILED', `The issuer's metadata names no ${what}.`, { facts: { what } })
  }
  return secureUrl(address, { what, insecure })
}

/** Errors of the library below carry requests and answers; what leaves here is only that the request did not go through. */
async function answered(request: Promise<Response>): Promise<Response> {
  try {
    return await request
  } catch (error) {
    if (isZhichengError(error)) throw error
    throw identityError('ERR_IDENTITY_PLATFORM_UNREACHABLE', 'The request to the platform could not be made.', {
      outcome: 'unknown',
      facts: { reason: reasonOf(error) },
    })
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : 'unknown'
}
