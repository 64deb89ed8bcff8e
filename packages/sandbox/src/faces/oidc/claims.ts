/** The account and claims of a persona: the subject is the party acted for, who acts stands in `act` (RFC 8693, 4.1). */
import type { Person } from '@zhicheng/core'
import type { Persona } from '../../personas.ts'

/** One account each: a company has as many as it has people who act for it. */
export function accountOf({ principal, actor }: Persona): string {
  return actor ? `${principal.id}:${actor.id}` : principal.id
}

/** Claims with the names of OpenID Connect Core 5.1, and `id_type`, `id_no`, `uscc`, `act` of this platform's own. */
export function claimsOf(persona: Persona): { sub: string; [claim: string]: unknown } {
  const { principal, actor, mandate } = persona
  return {
    ...(principal.kind === 'person' ? personClaims(principal) : { name: principal.name, uscc: principal.uscc }),
    sub: accountOf(persona),
    ...(actor
      ? {
          act: {
            ...personClaims(actor),
            ...(mandate ? { role: mandate.kind } : {}),
            ...(mandate?.validUntil ? { valid_until: mandate.validUntil } : {}),
          },
        }
      : {}),
  }
}

function personClaims({ id, name, document, mobile }: Person): { sub: string; [claim: string]: unknown } {
  return {
    sub: id,
    name,
    ...(document ? { id_type: document.kind, id_no: document.number } : {}),
    ...(mobile ? { phone_number: mobile } : {}),
  }
}
