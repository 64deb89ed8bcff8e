/** The codes of this package, and the one way its files make errors. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of the errors that `@zhicheng/store` throws. */
export type StoreErrorCode =
  | 'ERR_STORE_EXISTS'
  | 'ERR_STORE_KEY'
  | 'ERR_STORE_VALUE'
  | 'ERR_STORE_ASYNC_WORK'
  | 'ERR_STORE_NESTED'
  | 'ERR_STORE_TRANSACTION_OVER'
  | 'ERR_STORE_CLOSED'
  | 'ERR_STORE_BUSY'
  | 'ERR_STORE_SQLITE'
  | 'ERR_STORE_SQLITE_OPEN'
  | 'ERR_STORE_SQLITE_FOREIGN'
  | 'ERR_STORE_SQLITE_NEWER'
  | 'ERR_STORE_SQLITE_UNAVAILABLE'

/** Makes an error of this package. */
export function storeError(
  code: StoreErrorCode,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<StoreErrorCode> {
  return new ZhichengError(code, message, options)
}
