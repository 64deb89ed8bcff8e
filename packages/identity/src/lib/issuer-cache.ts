/** What is known of an issuer: its metadata and its keys, read over the network and kept for a while. */
import { isZhichengError } from '@zhicheng/core'
import type { JSONWebKeySet } from 'jose'
import * as oauth from 'oauth4webapi'
import * as v from 'valibot'
import { identityError } from '../errors.ts'
import type { LoginEnvironment } from '../provider.ts'
import { secureUrl } from '../secure-url.ts'
import { limitedFetch } from './limited-fetch.ts'

type Environment = Pick<LoginEnvironment, 'clock' | 'fetch' | 'signal'>

/** An issuer with its metadata and its keys. */
export interface Issuer {
  readonly metadata: oauth.AuthorizationServer
  keys(environment: Environment, options: { refresh: boolean }): Promise<JSONWebKeySet>
}

const metadataMilliseconds = 3_600_000
const keysMilliseconds = 600_000

const keySet = v.object({ keys: v.pipe(v.array(v.looseObject({ kty: v.string() })), v.maxLength(64)) })

/** Reads an issuer when first asked, and again when what is known is an hour old. A failure is not kept. */
export function createIssuerCache({ issuerUrl, insecure }: { issuerUrl: URL; insecure: boolean }): {
  read(environment: Environment): Promise<Issuer>
} {
  let known: { issuer: Issuer; until: number } | undefined
  return {
    async read(environment) {
      const now = environment.clock.now().getTime()
      if (known && now < known.until) return known.issuer
      const metadata = await discover(issuerUrl, { environment, insecure })
      known = { issuer: createIssuer(metadata, insecure), until: now + metadataMilliseconds }
      return known.issuer
    },
  }
}

function createIssuer(metadata: oauth.AuthorizationServer, insecure: boolean): Issuer {
  let known: { keys: JSONWebKeySet; until: number } | undefined
  return {
    metadata,
    async keys(environment, { refresh }) {
      const now = environment.clock.now().getTime()
      if (known && !refresh && now < known.until) return known.keys
      known = { keys: await readKeys(metadata, { environment, insecure }), until: now + keysMilliseconds }
      return known.keys
    },
  }
}

async function discover(
  issuerUrl: URL,
  { environment, insecure }: { environment: Environment; insecure: boolean },
): Promise<oauth.AuthorizationServer> {
  const send = limitedFetch(environment.fetch, environment.signal)
  try {
    const response = await oauth.discoveryRequest(issuerUrl, {
      algorithm: 'oidc',
      [oauth.customFetch]: (url, init) => send(secureUrl(url, { what: 'issuer', insecure }).href, init),
      // The house's own rule (https, or loopback) is applied in the line above.
      [oauth.allowInsecureRequests]: true,
    })
    return await oauth.processDiscoveryResponse(issuerUrl, response)
  } catch (error) {
    if (isZhichengError(error)) throw error
    const mismatch = (error as { code?: unknown }).code === oauth.JSON_ATTRIBUTE_COMPARISON
    throw mismatch
      ? identityError('ERR_IDENTITY_ISSUER_MISMATCH', 'The metadata names another issuer than the one configured.', {
          facts: { host: issuerUrl.host },
        })
      : identityError('ERR_IDENTITY_DISCOVERY_FAILED', `The metadata of ${issuerUrl.host} could not be read.`, {
          retryable: true,
          facts: { host: issuerUrl.host },
        })
  }
}

async function readKeys(
  metadata: oauth.AuthorizationServer,
  { environment, insecure }: { environment: Environment; insecure: boolean },
): Promise<JSONWebKeySet> {
  const failed = (): Error =>
    identityError('ERR_IDENTITY_KEY_NOT_FOUND', 'The keys of the issuer could not be read; try again later.', {
      retryable: true,
    })
  if (!metadata.jwks_uri) throw failed()
  const url = secureUrl(metadata.jwks_uri, { what: 'jwks_uri', insecure })
  const response = await limitedFetch(environment.fetch, environment.signal)(url.href, {
    headers: { accept: 'application/json' },
  })
  const answer = response.status === 200 ? v.safeParse(keySet, await response.json().catch(() => undefined)) : undefined
  if (!answer?.success) throw failed()
  return answer.output as JSONWebKeySet
}
