import { fixedClock } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  authorityOf,
  byList,
  byResponse,
  clock,
  hour,
  later,
  leaf,
  listOf,
  middle,
  prepareRevocation,
  recording,
  responseOf,
  root,
  time,
} from '../test/revocation-path.ts'
import {
  type CachedRevocation,
  cacheRevocation,
  type RevocationEvidence,
  type RevocationQuestion,
} from './revocation-source.ts'
import { createTestAuthority } from './testing.ts'

beforeAll(prepareRevocation)

describe('a cache', () => {
  const question = (certificate = leaf, at = time): RevocationQuestion => ({
    certificate,
    issuer: authorityOf(certificate).certificate,
    at,
  })

  it.each([
    ['responses', byResponse, hour],
    ['lists', byList, 24 * hour],
  ] as const)('keeps %s until they are to be replaced', async (_, answers, lasts) => {
    const now = fixedClock(time)
    const { asked, source } = recording(answers)
    const cache = cacheRevocation(source, { clock: now })
    const first = await cache.find(question())
    now.set(later(lasts - 1000))
    expect(await cache.find(question())).toBe(first)
    expect(asked).toHaveLength(1)
    await cache.find(question(middle.certificate))
    expect(asked).toHaveLength(2)
    now.set(later(lasts))
    await cache.find(question())
    expect(asked).toHaveLength(3)
  })

  it('does not answer with what was already to be replaced at the moment asked about', async () => {
    const { asked, source } = recording(byResponse)
    const cache = cacheRevocation(source, { clock })
    await cache.find(question())
    await cache.find(question(leaf, later(2 * hour)))
    expect(asked).toHaveLength(2)
  })

  it('keeps nothing that is empty, failed, forged, of another, or out of date', async () => {
    const [response] = (await byResponse(question())).ocspResponses
    const impostor = await createTestAuthority({ algorithm: 'sm2', name: '样例中间', clock })
    const [own] = middle.signer.certificateChain
    const renamed = {
      ...middle,
      signer: { ...middle.signer, certificateChain: [{ ...own, subject: root.certificate.subject }] as const },
    }
    const finding = { code: 'REVOCATION_SOURCE_FAILED', severity: 'warning' as const, message: 'x' }
    const evidence: RevocationEvidence[] = [
      {},
      { ocspResponses: [response!], findings: [finding] },
      { ocspResponses: [{ ...response!, signature: new Uint8Array(8) }] },
      { ocspResponses: [await responseOf(root, middle.certificate)] },
      { crls: [await listOf(impostor)] },
      { crls: [await listOf(root)] },
      { crls: [await listOf(renamed)] },
      { ocspResponses: [response!], crls: [await listOf(impostor)] },
    ]
    for (const one of evidence) {
      const store = new Map<string, CachedRevocation>()
      const cache = cacheRevocation({ find: async () => one }, { clock, store })
      expect(await cache.find(question())).toBe(one)
      expect(store.size).toBe(0)
    }
    const late = fixedClock(later(25 * hour))
    const store = new Map<string, CachedRevocation>()
    await cacheRevocation({ find: () => byList(question()) }, { clock: late, store }).find(question())
    expect(store.size).toBe(0)
  })

  it('makes room by forgetting the oldest', async () => {
    const { asked, source } = recording(byList)
    const store = new Map<string, CachedRevocation>()
    const cache = cacheRevocation(source, { clock, store, maxEntries: 1 })
    await cache.find(question())
    await cache.find(question(middle.certificate))
    expect(store.size).toBe(1)
    await cache.find(question(middle.certificate))
    expect(asked).toHaveLength(2)
    await cache.find(question())
    expect(asked).toHaveLength(3)
  })
})
