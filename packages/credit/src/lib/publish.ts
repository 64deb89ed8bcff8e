/** Hands publication records to the sink: once for each document number of an authority. */
import { toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import type { Job, ReadView } from '@zhicheng/store'
import { creditError } from '../errors.ts'
import { checkLicencePublication, type LicencePublication, type PublicationSink } from '../publication.ts'
import { callOutside, type Engine } from './engine.ts'
import { audit, names, type PublicationRecord } from './records.ts'

/** How far a publication has come. */
export interface PublicationState {
  /** Names the record: SHA-256 in hex over the authority's code and the document number. */
  key: string
  state: 'queued' | 'delivered'
  receipt?: string
}

/** Keeps the record and leaves its job. The same record again changes nothing; another one of its number is refused. */
export async function queuePublication(engine: Engine, given: LicencePublication): Promise<PublicationState> {
  const record = checkLicencePublication(given)
  const key = toHex(hash('sha256', utf8(canonicalJson([record.XK_XKJGDM, record.XK_WSH]))))
  return engine.store.transaction((tx) => {
    const before = tx.get<PublicationRecord>(names.publications, key)
    if (before) {
      if (textOf(before.record) === textOf(record)) return stateOf(key, before)
      throw creditError(
        'ERR_CREDIT_PUBLICATION_CONFLICT',
        'Another record of this authority and document number was already handed over for publication.',
        { facts: { key } },
      )
    }
    tx.insert(names.publications, key, { record } satisfies PublicationRecord)
    tx.outbox(names.publishTopic, key, null)
    audit(tx, { ...line(engine, key), event: 'publication-queued', content: record })
    return stateOf(key, { record })
  })
}

/** Sends a record. */
export async function sendPublication(
  engine: Engine,
  { key }: Job,
  { sink, signal }: { sink: PublicationSink; signal: AbortSignal },
): Promise<void> {
  const { record, receipt: had } = await engine.store.read((view) => getPublication(view, key))
  if (had !== undefined) return
  const { receipt } = await callOutside(engine, (environment) => sink.publish({ key, record }, environment), { signal })
  await engine.store.transaction((tx) => {
    tx.put(names.publications, key, { record, receipt } satisfies PublicationRecord)
    audit(tx, { ...line(engine, key), event: 'published', content: { record, receipt } })
  })
}

/** Reads how far a publication has come; throws `ERR_CREDIT_PUBLICATION_UNKNOWN`. */
export function readPublicationState(view: ReadView, key: string): PublicationState {
  return stateOf(key, getPublication(view, key))
}

function getPublication(view: ReadView, key: string): PublicationRecord {
  const found = /^[0-9a-f]{64}$/.test(key) ? view.get<PublicationRecord>(names.publications, key) : undefined
  if (found) return found
  throw creditError('ERR_CREDIT_PUBLICATION_UNKNOWN', 'There is no publication record of this key.')
}

function stateOf(key: string, { receipt }: PublicationRecord): PublicationState {
  return receipt === undefined ? { key, state: 'queued' } : { key, state: 'delivered', receipt }
}

function textOf(record: LicencePublication): string {
  return canonicalJson(record as unknown as JsonValue)
}

/** Publications are public, so their digests need no nonce. */
function line(
  { clock, provider }: Engine,
  about: string,
): { at: string; about: string; provider: string; nonce: string } {
  return { at: clock.now().toISOString(), about, provider: provider.id, nonce: '' }
}
