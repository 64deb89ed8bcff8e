/** Signs a PDF by an incremental update: PAdES B-B and B-T (ETSI EN 319 142-1), visible or not, certifying or not. */
import { type ByteSource, type Clock, concatBytes, type DigestAlgorithm, systemClock } from '@zhicheng/core'
import {
  createHash,
  createSignedData,
  digestLengths,
  type Hash,
  type Signer,
  type TimestampSource,
} from '@zhicheng/crypto'
import { sealError } from '../errors.ts'
import { beginUpdate } from '../lib/pdf/append.ts'
import { applyCatalogEdit, raiseExtensions, withCertification } from '../lib/pdf/catalog.ts'
import { openPdf, type PdfDocument } from '../lib/pdf/document.ts'
import { type PdfValue, pdfDictionary, pdfName, pdfText } from '../lib/pdf/objects.ts'
import { type FieldLock, readLock, readPermissions } from '../lib/pdf/permissions.ts'
import {
  type CatalogEdit,
  chooseField,
  type FieldTarget,
  placeSignature,
  type VisibleSeal,
} from '../lib/pdf/signature-field.ts'
import {
  fillHole,
  formatSignature,
  layOut,
  type SignatureFacts,
  type SignatureLayout,
} from '../lib/pdf/signature-value.ts'

export type { VisibleSeal } from '../lib/pdf/signature-field.ts'

/** Options of {@link signPdf}. */
export interface SignPdfOptions {
  signer: Signer
  /** `B-T` wants `timestamps`. */
  level: 'B-B' | 'B-T'
  timestamps?: TimestampSource
  /** Name of an empty signature field, or of a new one; a free name `Signature1`, `Signature2`, … when absent. */
  field?: string
  reason?: string
  location?: string
  clock?: Clock
  /** Random bytes for the file's new identifier; the platform's when absent. */
  random?: (length: number) => Uint8Array
  /** The seal on the page; in an existing field it fills the field's own box. Invisible when absent. */
  visible?: VisibleSeal
  /** Certifies the document: 1 no changes at all, 2 form filling and signatures, 3 annotations too. First signature only. */
  certify?: 1 | 2 | 3
  /** Takes the signed file chunk by chunk. When the call rejects, drop what was taken: it is not a whole file. */
  sink?: (chunk: Uint8Array) => void | Promise<void>
  signal?: AbortSignal
}

const chunkBytes = 1_048_576
/** Room for a timestamp token with the certificates of its authority. */
const timestampBytes = 8192
/** Room for what a signer may add beyond the dry run, such as a longer encoding. */
const spareBytes = 512

/**
 * Signs a PDF and returns the signed file, or an empty array when a sink took it. Earlier bytes stay as they are, and
 * so earlier signatures stay valid.
 *
 * Throws `ERR_SEAL_PDF_ENCRYPTED` for encrypted files, `ERR_SEAL_CHANGES_FORBIDDEN` when an earlier signature does not
 * allow another one, `ERR_SEAL_CERTIFY_NOT_FIRST`, `ERR_SEAL_FIELD_SIGNED`, `ERR_SEAL_FIELD_NAME`,
 * `ERR_SEAL_PAGE_NOT_FOUND`, `ERR_SEAL_TIMESTAMPS_MISSING`, `ERR_SEAL_APPEARANCE` and the errors of reading a PDF.
 *
 * @example
 * ```ts
 * const signed = await signPdf(pdf, { signer, level: 'B-T', timestamps, reason: '发证' })
 * ```
 */
export async function signPdf(input: Uint8Array | ByteSource, options: SignPdfOptions): Promise<Uint8Array> {
  const { signer, timestamps, sink } = options
  if (options.level === 'B-T' && !timestamps) {
    throw sealError(
      'ERR_SEAL_TIMESTAMPS_MISSING',
      'Level B-T needs a timestamp source: pass timestamps, or ask for B-B.',
    )
  }
  const document = await openPdf(input)
  const target = await checkRequest(document, options)
  const digestAlgorithm = digestOf(signer)
  const dryRun = await createCms(options, { digestAlgorithm, signer: drySigner(signer) })
  let holeBytes = dryRun.length + spareBytes + (options.level === 'B-T' ? timestampBytes : 0)

  const random = options.random ?? ((length) => crypto.getRandomValues(new Uint8Array(length)))
  const identifier = random(16)
  const signedAt = (options.clock ?? systemClock).now()
  const copy = await copyAndHash(document, { digestAlgorithm, sink })
  for (;;) {
    const { bytes, layout } = await buildUpdate(document, { options, target, identifier, signedAt, holeBytes })
    const messageDigest = copy.hash
      .copy()
      .update(bytes.subarray(0, layout.open))
      .update(bytes.subarray(layout.close))
      .digest()
    const cms = await createCms(options, { digestAlgorithm, signer, messageDigest, timestamps })
    if (fillHole(bytes, layout, cms)) {
      if (!sink) return concatBytes(...copy.chunks, bytes)
      await sink(bytes)
      return new Uint8Array(0)
    }
    // A timestamp with an unusually long chain: lay out again with room for what came.
    holeBytes = cms.length + spareBytes + timestampBytes
  }
}

async function checkRequest(document: PdfDocument, options: SignPdfOptions): Promise<FieldTarget> {
  if (document.encrypted) {
    throw sealError('ERR_SEAL_PDF_ENCRYPTED', 'The PDF is encrypted: sign it before it is encrypted.')
  }
  const permissions = await readPermissions(document)
  if (options.certify !== undefined && permissions.signatures > 0) {
    throw sealError('ERR_SEAL_CERTIFY_NOT_FIRST', 'The PDF has a signature already: only the first one can certify it.')
  }
  const target = await chooseField(document, options.field)
  if (permissions.level === 1 || permissions.locks(target.name)) {
    throw sealError(
      'ERR_SEAL_CHANGES_FORBIDDEN',
      permissions.level === 1
        ? 'An earlier signature certifies the PDF against every change: another signature would break it.'
        : `An earlier signature locks the field "${target.name}": choose a field it does not lock.`,
      { facts: { field: target.name } },
    )
  }
  return target
}

/** The digest that goes with the signer's algorithm; Ed25519 goes with SHA-512 (RFC 8419, section 3). */
function digestOf({ algorithm }: Signer): DigestAlgorithm {
  if (algorithm === 'ed25519') return 'sha512'
  return algorithm.slice(algorithm.lastIndexOf('-') + 1) as DigestAlgorithm
}

/** A signer that asks no key: its signatures have the length of real ones, so the CMS of the dry run has too. */
function drySigner(signer: Signer): Signer {
  // The longest modulus in use (8192 bits); DER signatures of all curves are shorter.
  const length = signer.algorithm.startsWith('rsa') ? 1024 : 160
  return {
    algorithm: signer.algorithm,
    certificateChain: signer.certificateChain,
    sign: async () => new Uint8Array(length),
  }
}

function createCms(
  { signal }: SignPdfOptions,
  {
    digestAlgorithm,
    signer,
    messageDigest = new Uint8Array(digestLengths[digestAlgorithm]),
    timestamps,
  }: {
    digestAlgorithm: DigestAlgorithm
    signer: Signer
    messageDigest?: Uint8Array
    timestamps?: TimestampSource | undefined
  },
): Promise<Uint8Array> {
  return createSignedData(
    { signer, digestAlgorithm, messageDigest, ...(timestamps ? { timestamps } : {}) },
    signal ? { signal } : {},
  )
}

/** Reads the input once: hashes it, and hands it on or keeps it. */
async function copyAndHash(
  { file }: PdfDocument,
  { digestAlgorithm, sink }: { digestAlgorithm: DigestAlgorithm; sink: SignPdfOptions['sink'] },
): Promise<{ hash: Hash; chunks: Uint8Array[] }> {
  const hash = createHash(digestAlgorithm)
  const chunks: Uint8Array[] = []
  for (let offset = 0; offset < file.size; offset += chunkBytes) {
    const chunk = await file.read(offset, chunkBytes)
    hash.update(chunk)
    if (sink) await sink(chunk)
    else chunks.push(chunk)
  }
  return { hash, chunks }
}

async function buildUpdate(
  document: PdfDocument,
  {
    options,
    target,
    identifier,
    signedAt,
    holeBytes,
  }: { options: SignPdfOptions; target: FieldTarget; identifier: Uint8Array; signedAt: Date; holeBytes: number },
): Promise<{ bytes: Uint8Array; layout: SignatureLayout }> {
  const update = await beginUpdate(document, identifier)
  const edit: CatalogEdit = { catalog: await document.catalog(), changed: false }
  const signature = update.allocate()
  await raiseExtensions({ document, update, edit })
  await placeSignature({ document, update, edit }, { target, signature, visible: options.visible })
  if (options.certify !== undefined) {
    edit.catalog = withCertification(edit.catalog, signature)
    edit.changed = true
  }
  const facts: SignatureFacts = {
    subFilter: 'ETSI.CAdES.detached',
    signedAt,
    reason: options.reason,
    location: options.location,
    references: await transforms(document, { target, certify: options.certify }),
  }
  update.set(signature, formatSignature(facts, holeBytes))
  applyCatalogEdit({ document, update, edit })
  const { bytes, offsets } = update.finish()
  const base = document.file.size
  return { bytes, layout: layOut(bytes, { start: offsets.get(signature.number)! - base, base }) }
}

/** The transforms of the new signature: its certification, and the lock that its field asks for. */
async function transforms(
  document: PdfDocument,
  { target, certify }: { target: FieldTarget; certify: 1 | 2 | 3 | undefined },
): Promise<PdfValue[]> {
  const references: PdfValue[] = []
  if (certify !== undefined) references.push(transform('DocMDP', { P: certify }))
  const lockDictionary = await document.dictionary(target.existing?.dictionary.entries.get('Lock'))
  const lock = lockDictionary && (await readLock(document, lockDictionary))
  if (lock) references.push(transform('FieldMDP', lockParameters(lock), document.trailer.entries.get('Root')))
  return references
}

function lockParameters(lock: FieldLock): Record<string, PdfValue | undefined> {
  return { Action: pdfName(lock.action), Fields: lock.action === 'All' ? undefined : lock.fields.map(pdfText) }
}

function transform(method: string, parameters: Record<string, PdfValue | undefined>, data?: PdfValue): PdfValue {
  return pdfDictionary({
    Type: pdfName('SigRef'),
    TransformMethod: pdfName(method),
    TransformParams: pdfDictionary({ Type: pdfName('TransformParams'), ...parameters, V: pdfName('1.2') }),
    Data: data,
  })
}
