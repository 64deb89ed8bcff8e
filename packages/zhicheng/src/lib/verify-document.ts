/** Verifies the seals of a PDF or OFD against what the user trusts. */
import type { ByteSource } from '@zhicheng/core'
import type { Certificate, CertificateList } from '@zhicheng/crypto'
import type { VerificationReport } from '@zhicheng/seal'
import type { DocumentFormat } from './document-file.ts'
import { readCertificateLists, readTrustFolder } from './key-files.ts'
import { listOption, option } from './options.ts'
import type { VerbContext, VerbValues } from './verb.ts'

/** Whom the user trusts, and what was revoked. */
export interface TrustOptions {
  trust?: Certificate[]
  crls: CertificateList[]
}

/** Reads `--trust` and `--crl`. */
export async function readTrustOptions(context: VerbContext, values: VerbValues): Promise<TrustOptions> {
  const folder = option(values, 'trust')
  return {
    ...(folder === undefined ? {} : { trust: await readTrustFolder(context, folder) }),
    crls: await readCertificateLists(context, listOption(values, 'crl')),
  }
}

/** Verifies a document of a known format; each half of the seal package is loaded when it is needed. */
export async function verifyDocument(
  input: ByteSource | Uint8Array,
  { format, ...options }: TrustOptions & { format: DocumentFormat; file: string; at?: Date },
): Promise<VerificationReport> {
  if (format === 'pdf') return (await import('@zhicheng/seal/pdf')).verifyPdf(input, options)
  return (await import('@zhicheng/seal/ofd')).verifyOfd(input, options)
}
