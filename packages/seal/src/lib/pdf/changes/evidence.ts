/** Explains what long-term validation adds: the security store, extensions, metadata and document information. */
import { parseXml } from '@zhicheng/formats'
import {
  isArray,
  isDictionary,
  isName,
  isReference,
  isStream,
  isString,
  type PdfDictionary,
  type PdfValue,
  sameValue,
} from '../objects.ts'
import type { Catalogs } from './catalogs.ts'
import { changedKeys, type Ledger } from './ledger.ts'

const storeKeys = new Set(['Certs', 'OCSPs', 'CRLs', 'VRI', 'Type'])
const entryKeys = new Set(['Cert', 'OCSP', 'CRL', 'TU', 'TS', 'Type'])

/** The document security store (/DSS) may only grow, and only by new streams. */
export async function explainEvidence(ledger: Ledger, { oldCatalog, newCatalog, root }: Catalogs): Promise<void> {
  const { before, after } = ledger.revision
  const [oldValue, newValue] = [oldCatalog.entries.get('DSS'), newCatalog.entries.get('DSS')]
  if (oldValue === undefined && newValue === undefined) return
  const store = await after.dictionary(newValue)
  const earlier = await before.dictionary(oldValue)
  if (!store) return ledger.forbid('The security store (DSS) is removed.')
  ledger.explain(newValue, (parent, path) => parent === root && path === 'DSS')
  if (!sameValue(oldValue, newValue) || changedKeys(earlier ?? empty, store).length > 0) ledger.raise('ltv')
  for (const key of [...store.entries.keys(), ...(earlier?.entries.keys() ?? [])]) {
    if (!storeKeys.has(key)) ledger.forbid(`The security store (DSS) has the unknown entry ${key}.`)
  }
  const place = isReference(newValue) ? { parent: newValue.number, prefix: '' } : { parent: root, prefix: 'DSS/' }
  for (const key of ['Certs', 'OCSPs', 'CRLs']) {
    await compareStreams(ledger, { before: earlier?.entries.get(key), after: store.entries.get(key), key, place })
  }
  await compareEntries(ledger, { before: earlier?.entries.get('VRI'), after: store.entries.get('VRI'), place })
}

const empty: PdfDictionary = { kind: 'dictionary', entries: new Map(), duplicateKeys: [] }

interface Place {
  parent: number
  prefix: string
}

async function compareStreams(
  ledger: Ledger,
  pair: { before: PdfValue | undefined; after: PdfValue | undefined; key: string; place: Place },
): Promise<void> {
  const { before, after } = ledger.revision
  const { parent: owner, prefix } = pair.place
  const earlier = (await before.array(pair.before)) ?? []
  const now = (await after.array(pair.after)) ?? []
  ledger.explain(pair.after, (parent, path) => parent === owner && path === prefix + pair.key)
  if (earlier.some((item) => !now.some((other) => sameValue(item, other)))) {
    ledger.forbid(`The security store (DSS) loses an entry of ${pair.key}.`)
  }
  for (const item of now) {
    if (earlier.some((other) => sameValue(item, other))) continue
    ledger.raise('ltv')
    if (!isReference(item) || !isStream(await after.resolve(item))) {
      ledger.forbid(`The security store (DSS) has something in ${pair.key} that is not a stream.`)
    }
  }
}

async function compareEntries(
  ledger: Ledger,
  pair: { before: PdfValue | undefined; after: PdfValue | undefined; place: Place },
): Promise<void> {
  const { before, after } = ledger.revision
  const earlier = (await before.dictionary(pair.before)) ?? empty
  const now = await after.dictionary(pair.after)
  if (!now) {
    if (earlier.entries.size > 0) ledger.forbid('The security store (DSS) loses its VRI.')
    return
  }
  const { parent: owner, prefix } = pair.place
  ledger.explain(pair.after, (parent, path) => parent === owner && path === `${prefix}VRI`)
  const place = isReference(pair.after)
    ? { parent: pair.after.number, prefix: '' }
    : { parent: owner, prefix: `${prefix}VRI/` }
  for (const key of earlier.entries.keys()) {
    if (!now.entries.has(key)) ledger.forbid('The security store (DSS) loses an entry of VRI.')
  }
  for (const [key, value] of now.entries) {
    if (key === 'Type') continue
    if (!/^[A-Z0-9]{40}$/.test(key)) ledger.forbid('The VRI of the security store (DSS) has a key that is no digest.')
    const entry = await after.dictionary(value)
    if (!entry) {
      ledger.forbid('The VRI of the security store (DSS) has an entry that is not a dictionary.')
      continue
    }
    ledger.explain(value, (parent, path) => parent === place.parent && path === place.prefix + key)
    const old = (await before.dictionary(earlier.entries.get(key))) ?? empty
    const changes = changedKeys(old, entry)
    if (changes.length > 0 || !earlier.entries.has(key)) ledger.raise('ltv')
    if (changes.some((each) => !entryKeys.has(each))) {
      ledger.forbid('The VRI of the security store (DSS) has an entry with unknown keys.')
    }
    const inner = isReference(value)
      ? { parent: value.number, prefix: '' }
      : { parent: place.parent, prefix: `${place.prefix}${key}/` }
    for (const kind of ['Cert', 'OCSP', 'CRL']) {
      await compareStreams(ledger, {
        before: old.entries.get(kind),
        after: entry.entries.get(kind),
        key: kind,
        place: inner,
      })
    }
  }
}

/** Extensions may be raised: names, numbers and addresses, and nothing else. */
export async function explainExtensions(ledger: Ledger, { oldCatalog, newCatalog, root }: Catalogs): Promise<void> {
  const { before, after } = ledger.revision
  const [oldValue, newValue] = [oldCatalog.entries.get('Extensions'), newCatalog.entries.get('Extensions')]
  const now = await after.dictionary(newValue)
  if (!now) {
    if (oldValue !== undefined) ledger.forbid('The extensions of the catalog are removed.')
    return
  }
  ledger.explain(newValue, (parent, path) => parent === root && path === 'Extensions')
  const earlier = (await before.dictionary(oldValue)) ?? empty
  const owner = isReference(newValue)
    ? { parent: newValue.number, prefix: '' }
    : { parent: root, prefix: 'Extensions/' }
  for (const [key, value] of now.entries) {
    if (key === 'Type' || (sameValue(value, earlier.entries.get(key)) && !ledger.isOverridden(value))) continue
    ledger.explain(value, (parent, path) => parent === owner.parent && path === owner.prefix + key)
    ledger.raise('ltv')
    // ISO 32001 and its sisters share one prefix: then it holds an array of dictionaries.
    const resolved = await after.resolve(value)
    const versions = await Promise.all(
      (isArray(resolved) ? resolved : [resolved]).map((item) => after.dictionary(item)),
    )
    const plain = versions.every((version) => version && [...version.entries.values()].every(isPlain))
    if (!plain) ledger.forbid(`The extension ${key} of the catalog holds more than a version and a level.`)
  }
  if ([...earlier.entries.keys()].some((key) => !now.entries.has(key))) {
    ledger.forbid('The extensions of the catalog lose an entry.')
  }
}

function isPlain(value: PdfValue): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || isName(value) || isString(value)
}

/** Metadata may be written anew: XMP that is well formed, without a document type. */
export async function explainMetadata(ledger: Ledger, { oldCatalog, newCatalog, root }: Catalogs): Promise<void> {
  const { after } = ledger.revision
  const [oldValue, newValue] = [oldCatalog.entries.get('Metadata'), newCatalog.entries.get('Metadata')]
  if (newValue === undefined) {
    if (oldValue !== undefined) ledger.forbid('The metadata of the document are removed.')
    return
  }
  if (sameValue(oldValue, newValue) && !ledger.isOverridden(newValue)) return
  ledger.explain(newValue, (parent, path) => parent === root && path === 'Metadata')
  const stream = await after.resolve(newValue)
  if (!isReference(newValue) || !isStream(stream))
    return ledger.forbid('The metadata of the document are not a stream.')
  ledger.raise('ltv')
  const { localName } = parseXml(await after.streamData(stream))
  if (localName !== 'xmpmeta' && localName !== 'RDF') ledger.forbid('The metadata of the document are not XMP.')
}

/** The version may rise. */
export function explainVersion(ledger: Ledger, { oldCatalog, newCatalog }: Catalogs): void {
  const [oldValue, newValue] = [oldCatalog.entries.get('Version'), newCatalog.entries.get('Version')]
  if (sameValue(oldValue, newValue)) return
  const number = (value: PdfValue | undefined): number => (isName(value) ? Number(value.name) : 0)
  if (!(number(newValue) >= number(oldValue) && number(newValue) <= 2))
    ledger.forbid('The version of the document is lowered.')
  ledger.raise('ltv')
}

/** Document information may change: texts and names, no streams and nothing nested. */
export async function explainInfo(ledger: Ledger): Promise<void> {
  const { before, after } = ledger.revision
  const [oldValue, newValue] = [before.trailer.entries.get('Info'), after.trailer.entries.get('Info')]
  if (sameValue(oldValue, newValue) && !ledger.isOverridden(newValue)) return
  if (newValue === undefined) return ledger.raise('ltv')
  ledger.explain(newValue, (parent, path) => parent === 0 && path === 'Info')
  ledger.raise('ltv')
  const info = await after.resolve(newValue)
  const accepted =
    isReference(newValue) && (ledger.isNew(newValue) || ledger.isOverridden(newValue) || sameValue(oldValue, newValue))
  if (!accepted || !isDictionary(info) || [...info.entries.values()].some((value) => !isPlain(value))) {
    ledger.forbid('The document information is replaced by something else.')
  }
}
