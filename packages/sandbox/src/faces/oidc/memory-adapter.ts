/** Where oidc-provider keeps what it gives out: this process's memory, bounded, one store per face. */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

const maxEntries = 20_000

interface Entry {
  payload: AdapterPayload
  until: number
}

/** Makes a store; oidc-provider asks it for one adapter per kind of thing. */
export function createMemoryAdapter(): AdapterFactory {
  const entries = new Map<string, Entry>()
  const live = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key)
    return entry && entry.until > Date.now() ? entry.payload : undefined
  }
  const makeRoom = (): void => {
    for (const [key, { until }] of entries) {
      if (until <= Date.now() || entries.size >= maxEntries) entries.delete(key)
    }
  }
  return (kind): Adapter => {
    const keyOf = (id: string): string => `${kind}:${id}`
    const search = async (wanted: (payload: AdapterPayload) => boolean): Promise<AdapterPayload | undefined> => {
      for (const key of entries.keys()) {
        const payload = key.startsWith(`${kind}:`) ? live(key) : undefined
        if (payload && wanted(payload)) return payload
      }
      return undefined
    }
    return {
      async upsert(id, payload, seconds) {
        makeRoom()
        entries.set(keyOf(id), { payload, until: Date.now() + (seconds ?? 3600) * 1000 })
      },
      find: async (id) => live(keyOf(id)),
      findByUid: (uid) => search((payload) => payload.uid === uid),
      findByUserCode: (userCode) => search((payload) => payload.userCode === userCode),
      async consume(id) {
        const payload = live(keyOf(id))
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        entries.delete(keyOf(id))
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
      },
    }
  }
}
