/** Timestamp authorities of every kind of key, for the tests of timestamps. */
import { type Clock, fixedClock, utf8 } from '@zhicheng/core'
import { hash } from '../src/hash.ts'
import type { Signer } from '../src/signer.ts'
import { createTestAuthority, type TestAuthority } from '../src/testing.ts'
import { answerTimestampRequest } from '../src/timestamp-answer.ts'
import {
  createTimestampSource,
  processTimestampResponse,
  requestTimestamp,
  type TimestampSource,
} from '../src/timestamp-request.ts'
import type { TimestampImprint } from '../src/timestamp-token.ts'

export const file: Uint8Array = utf8('样例归档目录')
export const policy = '1.2.156.3.4.5.1'
export const time: Date = new Date('2026-05-06T07:08:09Z')
export const clock: Clock = fixedClock(time)
export const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
export type Kind = keyof typeof kinds

export const authorities = {} as Record<Kind, TestAuthority>
export const signers = {} as Record<Kind, Signer & { readonly privateKeyPem: string }>
export const digests = { rsa: 'sha256', p256: 'sha512', sm2: 'sm3' } as const

export const imprintOf = (kind: Kind, content: Uint8Array = file): TimestampImprint => ({
  algorithm: digests[kind],
  value: hash(digests[kind], content),
})

export const answer = (kind: Kind, request: Uint8Array): Promise<Uint8Array> =>
  answerTimestampRequest(request, { signer: signers[kind], policy, clock, serial: 4711n, accuracySeconds: 1 })

export async function tokenOver(kind: Kind, imprint: TimestampImprint): Promise<Uint8Array> {
  return processTimestampResponse(await answer(kind, requestTimestamp(imprint)), { imprint })
}

export const sourceOf = (kind: Kind): TimestampSource =>
  createTimestampSource({ send: (request) => answer(kind, request) })

/** Makes the authorities and signers, once for each file of tests. */
export async function prepareAuthorities(): Promise<void> {
  for (const kind of Object.keys(kinds) as Kind[]) {
    authorities[kind] = await createTestAuthority({ algorithm: kinds[kind], name: `样例根 ${kind}`, clock })
    signers[kind] = await authorities[kind].createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
  }
}
