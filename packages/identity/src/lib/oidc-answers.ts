/** Reads the three answers of an OpenID platform: the callback, the token answer, the user info. Nothing of them is quoted. */
import * as oauth from 'oauth4webapi'
import * as v from 'valibot'
import { identityError } from '../errors.ts'

// RFC 6749, 4.1.2.1 and OpenID Connect Core 3.1.2.6. Any other text of the platform stays outside.
const knownErrors: ReadonlySet<string> = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'invalid_request',
  'invalid_scope',
  'login_required',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unmet_authentication_requirements',
  'unsupported_response_type',
])

/** Checks the callback against issuer and state (RFC 9207; RFC 6749, 4.1.2). */
export function checkAuthorizationAnswer(
  metadata: oauth.AuthorizationServer,
  client: oauth.Client,
  { parameters, state }: { parameters: URLSearchParams; state: string },
): URLSearchParams {
  const issuer = parameters.get('iss')
  if (issuer === null ? metadata.authorization_response_iss_parameter_supported === true : issuer !== metadata.issuer) {
    throw identityError(
      'ERR_IDENTITY_RESPONSE_ISSUER_MISMATCH',
      'The callback does not name the issuer this login was started at (RFC 9207); start it again.',
    )
  }
  const refusal = parameters.get('error')
  if (refusal !== null) {
    const error = knownErrors.has(refusal) ? refusal : 'other'
    throw identityError('ERR_IDENTITY_LOGIN_REFUSED', `The platform refused the login (${error}).`, {
      outcome: 'refused',
      facts: { error },
    })
  }
  if (!parameters.get('code')) {
    throw identityError('ERR_IDENTITY_RESPONSE_INVALID', 'The callback carries neither a code nor an error.')
  }
  try {
    return oauth.validateAuthResponse(metadata, client, parameters, state)
  } catch {
    throw identityError('ERR_IDENTITY_RESPONSE_INVALID', 'The callback is not a valid answer of the code flow.')
  }
}

const tokenAnswer = v.object({
  access_token: v.pipe(v.string(), v.minLength(1)),
  token_type: v.pipe(v.string(), v.toLowerCase(), v.literal('bearer')),
  id_token: v.pipe(v.string(), v.minLength(1)),
})

/** Checks the token answer (RFC 6749, 5.1; OpenID Connect Core 3.1.3.3). Bearer only: nothing else was asked for. */
export async function readTokenAnswer(response: Response): Promise<{ accessToken: string; idToken: string }> {
  const answer = v.safeParse(tokenAnswer, await readJson(response))
  if (response.status === 200 && answer.success) {
    return { accessToken: answer.output.access_token, idToken: answer.output.id_token }
  }
  const fields = answer.success ? [] : [...new Set(answer.issues.map((issue) => v.getDotPath(issue) ?? ''))]
  throw identityError(
    'ERR_IDENTITY_TOKEN_RESPONSE_INVALID',
    `The token answer (status ${response.status}) is not one of the code flow with an ID token.`,
    { outcome: response.status >= 500 ? 'unknown' : 'refused', facts: { status: response.status, fields } },
  )
}

/** Checks the user info: JSON, and of the same subject as the ID token (OpenID Connect Core 5.3.4). */
export async function readUserInfo(response: Response, subject: string): Promise<Record<string, unknown>> {
  const answer = v.safeParse(v.looseObject({}), response.status === 200 ? await readJson(response) : undefined)
  if (!answer.success) {
    throw identityError(
      'ERR_IDENTITY_USERINFO_INVALID',
      `The user info (status ${response.status}) is not JSON claims.`,
      {
        facts: { status: response.status },
      },
    )
  }
  const claims: Record<string, unknown> = answer.output
  if (claims['sub'] !== subject) {
    throw identityError('ERR_IDENTITY_SUBJECT_MISMATCH', 'The user info is of another subject than the ID token.')
  }
  return claims
}

async function readJson(response: Response): Promise<unknown> {
  if (!/^application\/json\b/i.test(response.headers.get('content-type') ?? '')) return undefined
  return response.json().catch(() => undefined)
}
