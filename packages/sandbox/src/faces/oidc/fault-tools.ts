/** What the misbehaviour of the OpenID face works with. */
import type { OidcKeys } from './keys.ts'
import type { OidcClient } from './oidc-client.ts'

/** What a fault may use. */
export interface FaultTools {
  url: URL
  clients: readonly OidcClient[]
  keys: OidcKeys
  origin: string
}
