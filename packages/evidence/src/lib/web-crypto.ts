/** JWS needs WebCrypto, which browsers hide on pages without https: say so instead of failing somewhere inside. */
import { evidenceError } from '../errors.ts'

/** Throws `ERR_EVIDENCE_UNSUPPORTED` where there is no WebCrypto. */
export function requireWebCrypto(): void {
  if (globalThis.crypto?.subtle) return
  throw evidenceError(
    'ERR_EVIDENCE_UNSUPPORTED',
    'This runtime has no WebCrypto, so no receipt can be signed or verified here: use https, or verify on the server.',
  )
}
