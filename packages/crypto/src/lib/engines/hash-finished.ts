/** The one error that hashes of every engine share. */
import type { ZhichengError } from '@zhicheng/core'
import { cryptoError } from '../../errors.ts'

/** Thrown by a hash that gave its digest already. */
export function hashFinished(): ZhichengError<'ERR_CRYPTO_HASH_FINISHED'> {
  return cryptoError(
    'ERR_CRYPTO_HASH_FINISHED',
    'The digest was taken already: create a new hash, or copy() it before digest().',
  )
}
