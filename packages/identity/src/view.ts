/** A session as a page may show it: masked names, the level, the platforms to choose from. */
import { maskName } from '@zhicheng/core/codes'
import type { IdentityProviderV1 } from './provider.ts'
import type { Session } from './session.ts'
import type { SessionView } from './wire.ts'

/**
 * Masks a session for a page (province rule: every character of a person's name but the first is shown).
 *
 * @example
 * ```ts
 * viewSession(undefined, { providers, basePath: '/identity' })   // { authenticated: false, providers: [ … ] }
 * ```
 */
export function viewSession(
  session: Session | undefined,
  { providers, basePath }: { providers: readonly IdentityProviderV1[]; basePath: string },
): SessionView {
  const choices = providers.map(({ id, name }) => ({ id, name, loginUrl: `${basePath}/login/${id}` }))
  if (!session) return { authenticated: false, providers: choices }
  const { principal, actor, assurance } = session.subject
  return {
    authenticated: true,
    providers: choices,
    user: {
      displayName: principal.kind === 'person' ? maskName(principal.name) : principal.name,
      kind: principal.kind,
      ...(actor ? { actorName: maskName(actor.name) } : {}),
      assurance,
      provider: session.provider,
      expiresAt: session.expiresAt,
    },
  }
}
