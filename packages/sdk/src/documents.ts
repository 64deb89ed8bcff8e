/** The documents a department gives to people: where they are kept, and whose they are. */
import type { DocumentDesk } from '@zhicheng/host'
import type { Intake, MaterialStorage } from '@zhicheng/intake'
import { supportError } from './errors.ts'
import type { SealDesk } from './seal-desk.ts'

/** One kept document. */
export interface KeptDocument {
  /** Name for people, with extension. */
  name: string
  mediaType: string
  content: Uint8Array
  /** Who may have it: issuer and id of a subject. */
  owner: { issuer: string; id: string }
}

/** Where a department keeps its documents. */
export interface DocumentShelf {
  read(id: string): Promise<KeptDocument | undefined>
}

/** The documents that came out of cases, kept by their digest in the same storage as the materials. */
export function caseDocuments(intake: Intake, storage: MaterialStorage): DocumentShelf {
  return {
    async read(id) {
      const found = await intake.readDocument(id)
      const content = found && (await storage.get(found.document.digest.hex))
      if (!found || !content) return undefined
      const { name, mediaType } = found.document
      const { issuer, id: owner } = found.case.applicant
      return { name, mediaType, content, owner: { issuer, id: owner } }
    },
  }
}

/** Wires a shelf into the host; verification is the seal desk's. */
export function createDocumentDesk(shelf: DocumentShelf, seal: SealDesk): DocumentDesk {
  const need = async (id: string): Promise<KeptDocument> => {
    const document = await shelf.read(id)
    if (document) return document
    throw supportError('ERR_SUPPORT_DOCUMENT_UNKNOWN', 'There is no such document.')
  }
  return {
    async access(id, { subject }) {
      const document = await shelf.read(id)
      if (!document) return 'absent'
      return document.owner.issuer === subject.issuer && document.owner.id === subject.id ? 'granted' : 'foreign'
    },
    read: need,
    async verify(id) {
      const { name, content } = await need(id)
      return seal.verify(content, { file: name })
    },
  }
}
