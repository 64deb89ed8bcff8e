/** Operations the login elements call. Names are masked; no number of a person leaves the back end. */
import { type AssuranceLevel, type Operation, operation, type Schema } from '@zhicheng/core'
import * as v from 'valibot'

/** A login platform that a user can choose. `loginUrl` is an address of the department's own back end. */
export interface IdentityProviderView {
  id: string
  name: string
  loginUrl: string
}

/** Who is logged in, as a page may show it. */
export interface SessionView {
  authenticated: boolean
  providers: IdentityProviderView[]
  user?: {
    /** Masked name of the person, or name of the organisation. */
    displayName: string
    kind: 'person' | 'organisation'
    /** Masked name of the person who acts for an organisation. */
    actorName?: string
    assurance: AssuranceLevel
    /** Id of the provider that vouches. */
    provider: string
    /** ISO time with offset. */
    expiresAt: string
  }
}

/** The schema of a {@link SessionView}. */
export const sessionView: Schema<SessionView> = v.object({
  authenticated: v.boolean(),
  providers: v.array(v.object({ id: v.string(), name: v.string(), loginUrl: v.string() })),
  user: v.exactOptional(
    v.object({
      displayName: v.string(),
      kind: v.picklist(['person', 'organisation']),
      actorName: v.exactOptional(v.string()),
      assurance: v.picklist([0, 1, 2, 3]),
      provider: v.string(),
      expiresAt: v.string(),
    }),
  ),
})

/** Reads the session of the browser that asks. */
export const readSession: Operation<{ response: SessionView }> = operation({
  id: 'identity.session.read',
  method: 'GET',
  path: '/identity/session',
  summary: 'Tells whether the browser is logged in, and by which platforms it could be.',
  response: sessionView,
})

/** Ends the session of the browser that asks. */
export const endSession: Operation<{ response: { redirectUrl?: string } }> = operation({
  id: 'identity.session.end',
  method: 'POST',
  path: '/identity/session/end',
  summary: 'Logs out; answers with an address to go to when the platform wants to be told.',
  response: v.object({ redirectUrl: v.exactOptional(v.string()) }),
})
