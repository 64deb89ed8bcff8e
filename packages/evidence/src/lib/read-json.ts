/** Reads JSON that came from outside: bounded, and without duplicate keys, over which two readers could disagree. */
import { utf8 } from '@zhicheng/core'
import { parseJson } from '@zhicheng/formats'
import { evidenceError } from '../errors.ts'

/** JSON from text or bytes of at most 1 MiB; a value that was read already comes back as it is. */
export function readJson(input: unknown): unknown {
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) return input
  try {
    return parseJson(typeof input === 'string' ? utf8(input) : input, { maxBytes: 1_048_576, maxDepth: 32 })
  } catch (cause) {
    throw evidenceError('ERR_EVIDENCE_MALFORMED', 'The text is not a single well-formed JSON document.', { cause })
  }
}
