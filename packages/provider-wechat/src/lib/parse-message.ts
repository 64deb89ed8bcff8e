/** Reads a JSON message against a schema; what the platform adds beyond it is ignored. */
import { fromUtf8, type Schema } from '@zhicheng/core'
import * as v from 'valibot'
import { wechatError } from '../errors.ts'

/** The checked value; throws `ERR_WECHAT_MESSAGE` with the names of the fields that do not fit, never their values. */
export function parseMessage<Value>(bytes: Uint8Array, schema: Schema<Value>, what: string): Value {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch {
    // The cause would quote the text.
    throw wechatError('ERR_WECHAT_MESSAGE', `${what} is not JSON in UTF-8.`)
  }
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const fields = [...new Set(result.issues.slice(0, 8).map((issue) => v.getDotPath(issue) ?? '(whole)'))]
  throw wechatError('ERR_WECHAT_MESSAGE', `${what} does not have the agreed form: ${fields.join(', ')}.`, {
    facts: { fields },
  })
}
