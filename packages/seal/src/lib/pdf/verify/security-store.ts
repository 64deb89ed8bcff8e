/** Reads the certificates and revocation lists of the document security store (/DSS; ISO 32000-2, 12.8.4.3). */
import { isZhichengError } from '@zhicheng/core'
import { type Certificate, type CertificateList, parseCertificate, parseCertificateList } from '@zhicheng/crypto'
import type { PdfDocument } from '../document.ts'
import { isStream, type PdfDictionary } from '../objects.ts'

/** What the store holds, as far as it can be read. */
export interface SecurityStore {
  readonly present: boolean
  readonly certificates: readonly Certificate[]
  readonly crls: readonly CertificateList[]
  /** Number of OCSP answers, which are not evaluated. */
  readonly ocspAnswers: number
}

const maxItems = 500

/** Reads the store of a document; unreadable items are left out, for they prove nothing. */
export async function readStore(document: PdfDocument): Promise<SecurityStore> {
  const store = await document.dictionary((await document.catalog()).entries.get('DSS'))
  if (!store) return { present: false, certificates: [], crls: [], ocspAnswers: 0 }
  return {
    present: true,
    certificates: await readItems(document, { store, key: 'Certs', parse: parseCertificate }),
    crls: await readItems(document, { store, key: 'CRLs', parse: parseCertificateList }),
    ocspAnswers: (await document.array(store.entries.get('OCSPs')))?.length ?? 0,
  }
}

async function readItems<T>(
  document: PdfDocument,
  { store, key, parse }: { store: PdfDictionary; key: string; parse: (bytes: Uint8Array) => T },
): Promise<T[]> {
  const items: T[] = []
  for (const value of ((await document.array(store.entries.get(key))) ?? []).slice(0, maxItems)) {
    try {
      const stream = await document.resolve(value)
      if (isStream(stream)) items.push(parse(await document.streamData(stream)))
    } catch (error) {
      if (!isZhichengError(error)) throw error
    }
  }
  return items
}
