/** Changes to the catalog that come with a signature: the extension level and the certification (ISO 32000-2, 7.12 and 12.8.6). */
import type { Update } from './append.ts'
import type { PdfDocument } from './document.ts'
import {
  isName,
  isReference,
  type PdfDictionary,
  type PdfReference,
  pdfDictionary,
  pdfName,
  withEntries,
} from './objects.ts'
import type { CatalogEdit } from './signature-field.ts'

interface EditContext {
  readonly document: PdfDocument
  readonly update: Update
  readonly edit: CatalogEdit
}

/** Declares the ETSI extension, level 2 for ETSI.CAdES.detached, in files of PDF 1.7; PDF 2.0 has it built in. */
export async function raiseExtensions({ document, update, edit }: EditContext): Promise<void> {
  const declared = await document.resolve(edit.catalog.entries.get('Version'))
  const version = Math.max(Number(document.headerVersion), isName(declared) ? Number(declared.name) || 0 : 0)
  if (version < 1.7 || version >= 2) return
  const written = edit.catalog.entries.get('Extensions')
  const extensions = (await document.dictionary(written)) ?? pdfDictionary({})
  const present = await document.dictionary(extensions.entries.get('ESIC'))
  const level = present?.entries.get('ExtensionLevel')
  if (typeof level === 'number' && level >= 2) return
  const raised = withEntries(extensions, {
    ESIC: pdfDictionary({ BaseVersion: pdfName('1.7'), ExtensionLevel: 2 }),
  })
  if (isReference(written)) update.set(written, raised)
  else {
    edit.catalog = withEntries(edit.catalog, { Extensions: raised })
    edit.changed = true
  }
}

/** The catalog with a certifying signature. */
export function withCertification(catalog: PdfDictionary, signature: PdfReference): PdfDictionary {
  return withEntries(catalog, { Perms: pdfDictionary({ DocMDP: signature }) })
}

/** Writes the catalog when it changed. */
export function applyCatalogEdit({ document, update, edit }: EditContext): void {
  const root = document.trailer.entries.get('Root')
  if (edit.changed && isReference(root)) update.set(root, edit.catalog)
}
