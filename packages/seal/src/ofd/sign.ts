/** Seals OFD documents (电子签章, GB/T 33190, clause 18; GB/T 38540): every file protected, untouched files byte for byte. */
import { type Clock, concatBytes, systemClock, toBase64 } from '@zhicheng/core'
import { createHash, der, hash, type Signer, type TimestampSource } from '@zhicheng/crypto'
import { attribute, childElements, createZipWriter, firstChild } from '@zhicheng/formats'
import { sm2Sm3Oid } from '../lib/ofd/algorithms.ts'
import { planAmendment } from '../lib/ofd/amend.ts'
import { createAssessment } from '../lib/ofd/assessment.ts'
import { readCertificate } from '../lib/ofd/check-certificate.ts'
import { isHolder } from '../lib/ofd/check-seal.ts'
import { checkSignatureValue } from '../lib/ofd/check-signature-value.ts'
import { type OfdPackage, openOfd } from '../lib/ofd/package.ts'
import { signChecked, timestampField } from '../lib/ofd/sign-checked.ts'
import { formatDescription } from '../lib/ofd/signature-xml.ts'
import { ofdError } from './errors.ts'
import { type EsSeal, parseEsSeal } from './es-seal.ts'
import type { OfdStamp } from './stamp.ts'

/** Input of {@link signOfd}. */
export interface SignOfdInput {
  /** An SM2 signer whose certificate the seal lists. */
  signer: Signer
  /** The seal (Seal.esl); its version decides that of the signature. */
  seal: Uint8Array
  stamps: readonly OfdStamp[]
  clock?: Clock
  /** Adds a timestamp over the signature value, from version 4 on. */
  timestamps?: TimestampSource
  /** True protects the list of signatures too: no further signature can be added. False by default. */
  closing?: boolean
}

/** Options of {@link signOfd}. */
export interface SignOfdOptions {
  signal?: AbortSignal
}

/**
 * Seals a document and returns the new one. Refuses a seal that is forged (`ERR_OFD_MAKER_SIGNATURE`), not valid now
 * (`ERR_OFD_SEAL_VALIDITY`) or not the signer's (`ERR_OFD_SIGNER_NOT_IN_SEAL`), a signer that may not sign
 * (`ERR_OFD_SIGNER_…`), a closed document (`ERR_OFD_CLOSED`) and stamps without a place (`ERR_OFD_STAMP`).
 *
 * @example
 * ```ts
 * const sealed = await signOfd(document, { signer, seal, stamps: [{ page: 1, x: 140, y: 220, width: 42, height: 42 }] })
 * ```
 */
export async function signOfd(
  input: Uint8Array,
  { signer, seal: sealBytes, stamps, clock = systemClock, timestamps, closing = false }: SignOfdInput,
  options: SignOfdOptions = {},
): Promise<Uint8Array> {
  // Seals know whole seconds, and so do the dates they are compared with.
  const at = new Date(Math.floor(clock.now().getTime() / 1000) * 1000)
  const seal = parseEsSeal(sealBytes)
  if (timestamps && seal.version === 1) {
    throw ofdError('ERR_OFD_UNSUPPORTED', 'A signature of version 1 has no place for a timestamp: use a newer seal.')
  }
  await assertSeal(seal, signer, at)
  const ofd = await openOfd(input, { tolerant: false })
  const amendment = await planAmendment(ofd, stamps.length)
  const pageIds = await findPages(ofd, amendment.documentFile, stamps)
  const { folder, listFile } = amendment
  const added = new Map([...amendment.changed, [`${folder}/Seal.esl`, sealBytes]])
  const references = await digestFiles(ofd, added, closing ? undefined : listFile)
  const description = formatDescription({
    folder,
    at,
    references,
    stamps: stamps.map((box, index) => ({ id: amendment.stampIds[index]!, pageId: pageIds[index]!, box })),
  })
  const descriptionFile = `${folder}/Signature.xml`
  const value = await formatValue({ seal, signer, at, timestamps, descriptionFile, description }, options)
  added.set(descriptionFile, description).set(`${folder}/SignedValue.dat`, value)
  return writePackage(ofd, added)
}

async function assertSeal(seal: EsSeal, signer: Signer, at: Date): Promise<void> {
  if (!isHolder(seal, signer.certificateChain[0].der)) {
    throw ofdError(
      'ERR_OFD_SIGNER_NOT_IN_SEAL',
      'The seal does not list the certificate of the signer: it is not theirs to use.',
    )
  }
  if (at < seal.validFrom || at > seal.validUntil) {
    throw ofdError(
      'ERR_OFD_SEAL_VALIDITY',
      'The seal is not valid at this time: have a new one made, or check the clock.',
      {
        facts: { validFrom: seal.validFrom.toISOString(), validUntil: seal.validUntil.toISOString() },
      },
    )
  }
  const assessment = createAssessment()
  const maker = readCertificate(seal.maker.certificate, 'seal maker', assessment)
  const context = { who: 'seal maker', code: 'ERR_OFD_MAKER_SIGNATURE', assessment } as const
  if (maker) await checkSignatureValue(maker, seal.maker, context)
  if (assessment.conclude().verdict !== 'TOTAL-PASSED') {
    throw ofdError(
      'ERR_OFD_MAKER_SIGNATURE',
      "The maker's signature over the seal does not hold: do not use this seal.",
    )
  }
}

/** The identifiers of the pages that stamps stand on. */
async function findPages(ofd: OfdPackage, documentFile: string, stamps: readonly OfdStamp[]): Promise<string[]> {
  const pages = firstChild(await ofd.readXml(documentFile), 'Pages')
  const identifiers = (pages ? childElements(pages, 'Page') : []).map((page) => attribute(page, 'ID'))
  if (stamps.length === 0) throw ofdError('ERR_OFD_STAMP', 'A seal needs at least one place on a page.')
  return stamps.map(({ page, x, y, width, height }) => {
    const identifier = identifiers[page - 1]
    if (identifier === undefined) {
      throw ofdError('ERR_OFD_STAMP', `The document has ${identifiers.length} pages; there is no page ${page}.`)
    }
    if (![x, y, width, height].every(Number.isFinite) || width <= 0 || height <= 0) {
      throw ofdError('ERR_OFD_STAMP', `The place of the seal on page ${page} is not given in millimetres above 0.`)
    }
    return identifier
  })
}

async function digestFiles(
  ofd: OfdPackage,
  added: ReadonlyMap<string, Uint8Array>,
  except: string | undefined,
): Promise<{ name: string; digest: string }[]> {
  const references: { name: string; digest: string }[] = []
  for (const name of ofd.files.keys()) {
    if (added.has(name) || name === except) continue
    const digest = createHash('sm3')
    for await (const chunk of ofd.archive.stream(name)) digest.update(chunk)
    references.push({ name, digest: toBase64(digest.digest()) })
  }
  for (const [name, content] of added) {
    if (name !== except) references.push({ name, digest: toBase64(hash('sm3', content)) })
  }
  return references
}

interface ValueInput {
  seal: EsSeal
  signer: Signer
  at: Date
  timestamps: TimestampSource | undefined
  descriptionFile: string
  description: Uint8Array
}

/** SES_Signature: version 1 puts certificate and algorithm under the signature, later versions beside it. */
async function formatValue(
  { seal, signer, at, timestamps, descriptionFile, description }: ValueInput,
  options: SignOfdOptions,
): Promise<Uint8Array> {
  const first = seal.version === 1
  const certificate = der.octetString(signer.certificateChain[0].der)
  const algorithm = der.oid(sm2Sm3Oid)
  const time = der.generalizedTime(at)
  const toSign = der.sequence(
    der.integer(seal.version),
    seal.der,
    first ? der.bitString(time) : time,
    der.bitString(hash('sm3', description)),
    der.ia5String(`/${descriptionFile}`),
    ...(first ? [certificate, algorithm] : []),
  )
  const signature = await signChecked(signer, toSign, { at, ...options })
  const bits = der.bitString(signature)
  if (first) return der.sequence(toSign, bits)
  const token = timestamps && (await timestampField(timestamps, signature, options))
  return der.sequence(toSign, certificate, algorithm, bits, ...(token ? [token] : []))
}

async function writePackage(ofd: OfdPackage, added: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const writer = createZipWriter((chunk) => chunks.push(chunk))
  for (const entry of ofd.archive.entries) {
    const content = added.get(entry.name)
    await (content ? writer.add(entry.name, content) : writer.copy(ofd.archive, entry))
  }
  for (const [name, content] of added) if (!ofd.files.has(name)) await writer.add(name, content)
  await writer.finish()
  return joinBytes(chunks)
}

/** Joins in steps: one call with a chunk for each of a million entries would not fit on the stack. */
function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const groups: Uint8Array[] = []
  for (let at = 0; at < chunks.length; at += 10_000) groups.push(concatBytes(...chunks.slice(at, at + 10_000)))
  return concatBytes(...groups)
}
