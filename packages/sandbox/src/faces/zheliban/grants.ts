/** Tickets and access tokens of the 浙里办 face: kept in memory, each for its own time, a ticket once. */
import type { Clock } from '@zhicheng/core'
import type { Persona } from '../../personas.ts'

/** What the face has given out. */
export interface Grants {
  issueTicket(grant: { appId: string; persona: Persona }): string
  /** The persona of a live ticket of this application; the ticket is gone afterwards, whatever the answer. */
  spendTicket(ticket: { ticketId: string; appId: string }): Persona | undefined
  issueToken(grant: { persona: Persona }): string
  readToken(token: string): Persona | undefined
}

// @unverified The platform publishes neither lifetime; these are of the size its older generation names.
const ticketMilliseconds = 60_000
const tokenMilliseconds = 1_800_000
const maxGrants = 10_000

/** Makes an empty store of grants. */
export function createGrants(clock: Clock): Grants {
  const tickets = new Map<string, { appId: string; persona: Persona; until: number }>()
  const tokens = new Map<string, { persona: Persona; until: number }>()
  const now = (): number => clock.now().getTime()
  const keep = <Grant extends { until: number }>(grants: Map<string, Grant>, prefix: string, grant: Grant): string => {
    for (const [key, { until }] of grants) if (until <= now() || grants.size >= maxGrants) grants.delete(key)
    const key = `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`
    grants.set(key, grant)
    return key
  }
  return {
    issueTicket: (grant) => keep(tickets, 'debug_tk', { ...grant, until: now() + ticketMilliseconds }),
    spendTicket({ ticketId, appId }) {
      const grant = tickets.get(ticketId)
      tickets.delete(ticketId)
      return grant && grant.appId === appId && grant.until > now() ? grant.persona : undefined
    },
    issueToken: ({ persona }) => keep(tokens, 'debug_at', { persona, until: now() + tokenMilliseconds }),
    readToken(token) {
      const grant = tokens.get(token)
      return grant && grant.until > now() ? grant.persona : undefined
    },
  }
}
