/** A timestamp source that asks an RFC 3161 service over HTTP (RFC 3161, 3.4). */
import { composePolicies, fetchTransport, timeoutPolicy } from '@zhicheng/core'
import { createTimestampSource, type TimestampSource } from '@zhicheng/crypto'
import { commandError } from '../errors.ts'

/** Asks the service at `url` for each timestamp. */
export function requestTimestampOverHttp(url: string): TimestampSource {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw commandError('ERR_COMMAND_ARGUMENTS', '--tsa takes an http or https address.')
  }
  const send = composePolicies([timeoutPolicy(15_000)], fetchTransport({ maxBytes: 262_144 }))
  return createTimestampSource({
    async send(request, { signal } = {}) {
      const response = await send({
        operation: 'timestamp.request',
        method: 'POST',
        url,
        headers: { 'content-type': 'application/timestamp-query' },
        body: request.slice(),
        idempotent: true,
        ...(signal ? { signal } : {}),
      })
      if (response.status !== 200) {
        throw commandError('ERR_COMMAND_FILE', `The timestamp service answered with status ${response.status}.`)
      }
      return response.body
    },
  })
}
