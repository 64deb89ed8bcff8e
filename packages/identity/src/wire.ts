/** Operations the login elements call. Names are masked; no number of a person leaves the back end. */
import { operation } from '@zhicheng/core'
import * as v from 'valibot'

/** A login platform that a user can choose. `loginUrl` is an address of the department's own back end. */
export const identityProviderView = v.object({ id: v.string(), name: v.string(), loginUrl: v.string() })

/** Who is logged in, as a page may show it. */
export const sessionView = v.object({
  authenticated: v.boolean(),
  providers: v.array(identityProviderView),
  user: v.optional(
    v.object({
      displayName: v.string(),
      kind: v.picklist(['person', 'organisation']),
      /** Masked name of the person who acts for an organisation. */
      actorName: v.optional(v.string()),
      assurance: v.picklist([0, 1, 2, 3]),
      provider: v.string(),
      expiresAt: v.string(),
    }),
  ),
})

/** Who is logged in, as a page may show it. */
export type SessionView = v.InferOutput<typeof sessionView>

/** Reads the session of the browser that asks. */
export const readSession = operation({
  id: 'identity.session.read',
  method: 'GET',
  path: '/identity/session',
  summary: 'Tells whether the browser is logged in, and by which platforms it could be.',
  response: sessionView,
})

/** Ends the session of the browser that asks. */
export const endSession = operation({
  id: 'identity.session.end',
  method: 'POST',
  path: '/identity/session/end',
  summary: 'Logs out; answers with an address to go to when the platform wants to be told.',
  response: v.object({ redirectUrl: v.optional(v.string()) }),
})
