/** What the OpenID face knows of the systems that log in at it. */
import type { Secret } from '@zhicheng/core'
import type { JWK } from 'jose'

/** A department's system that logs in here. */
export interface OidcClient {
  clientId: string
  /** One of `clientSecret` and `publicKey` is wanted. */
  clientSecret?: Secret
  /** Public key as JWK with `alg`, for `private_key_jwt`. */
  publicKey?: JWK
  /** How `clientSecret` comes. Default `client_secret_basic`. */
  clientAuthentication?: 'client_secret_basic' | 'client_secret_post'
  /** Exact callback addresses. */
  redirectUris: readonly string[]
  /** Where a logout may return to. */
  postLogoutRedirectUris?: readonly string[]
  /** Default RS256. */
  idTokenAlgorithm?: 'RS256' | 'ES256'
}
