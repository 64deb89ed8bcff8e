/** Puts a signature into a form: fills an empty field or makes a new one, and touches nothing else (ISO 32000-2, 12.7.5.5). */
import type { SealAppearance } from '../../appearance.ts'
import { sealError } from '../../errors.ts'
import { addAppearance } from './appearance.ts'
import type { Update } from './append.ts'
import type { PdfDocument } from './document.ts'
import { type FormField, readFields } from './form.ts'
import {
  isArray,
  isReference,
  type PdfDictionary,
  type PdfReference,
  type PdfValue,
  pdfDictionary,
  pdfName,
  pdfText,
  withEntries,
} from './objects.ts'
import { findPage } from './pages.ts'

/** A box on a page in points, origin bottom-left, and what it shows. */
export interface VisibleSeal {
  /** Page number, counted from 1. */
  page: number
  x: number
  y: number
  width: number
  height: number
  seal: SealAppearance
}

/** Changes to the catalog that are collected until everything is known. */
export interface CatalogEdit {
  catalog: PdfDictionary
  changed: boolean
}

/** Where the signature goes. */
export interface FieldTarget {
  readonly name: string
  /** The existing, empty field; undefined when a new one is made. */
  readonly existing: FormField | undefined
}

/** Chooses the field: the named one, or a new one with a free name. */
export async function chooseField(document: PdfDocument, wanted: string | undefined): Promise<FieldTarget> {
  const fields = await readFields(document)
  const named = new Map(fields.map((field) => [field.name, field]))
  if (wanted === undefined) {
    let number = 1
    while (named.has(`Signature${number}`)) number += 1
    return { name: `Signature${number}`, existing: undefined }
  }
  const existing = named.get(wanted)
  if (!existing) {
    if (wanted === '' || wanted.includes('.')) {
      throw sealError('ERR_SEAL_FIELD_NAME', 'The name of a new signature field must not be empty or hold a full stop.')
    }
    return { name: wanted, existing: undefined }
  }
  if (existing.type !== 'Sig' || !existing.reference) {
    throw sealError('ERR_SEAL_FIELD_NAME', `The field "${wanted}" is not a signature field: choose another name.`)
  }
  if (existing.value !== undefined) {
    throw sealError('ERR_SEAL_FIELD_SIGNED', `The field "${wanted}" is signed already: choose another one.`)
  }
  return { name: wanted, existing }
}

/** Adds the value to the target field, the widget to its page and the field to the form. */
export async function placeSignature(
  context: { document: PdfDocument; update: Update; edit: CatalogEdit },
  { target, signature, visible }: { target: FieldTarget; signature: PdfReference; visible: VisibleSeal | undefined },
): Promise<void> {
  const { document, update } = context
  if (target.existing) await fillField(context, { field: target.existing, signature, visible })
  else {
    const page = await findPage(document, visible?.page ?? 1)
    const field = update.allocate()
    const box: PdfValue = visible
      ? [visible.x, visible.y, visible.x + visible.width, visible.y + visible.height]
      : [0, 0, 0, 0]
    const form = visible ? await addAppearance(update, visible.seal, visible) : undefined
    update.set(
      field,
      pdfDictionary({
        FT: pdfName('Sig'),
        Type: pdfName('Annot'),
        Subtype: pdfName('Widget'),
        T: pdfText(target.name),
        V: signature,
        P: page.reference,
        Rect: box,
        // Print (4) and Locked (128).
        F: 132,
        AP: form && pdfDictionary({ N: form }),
      }),
    )
    await appendToArray(context, { owner: page, key: 'Annots', item: field })
    await addToForm(context, field)
    return
  }
  await addToForm(context, undefined)
}

async function fillField(
  { document, update }: { document: PdfDocument; update: Update },
  { field, signature, visible }: { field: FormField; signature: PdfReference; visible: VisibleSeal | undefined },
): Promise<void> {
  const reference = field.reference!
  const widgetReference = field.dictionary.entries.has('Rect') ? reference : field.widgets[0]
  const widget = widgetReference && (await document.dictionary(widgetReference))
  const size = widget && (await sizeOfBox(document, widget.entries.get('Rect')))
  let appearance: PdfDictionary | undefined
  if (visible && size && size.width > 0 && size.height > 0) {
    appearance = pdfDictionary({ N: await addAppearance(update, visible.seal, size) })
  }
  const merged = widgetReference === reference
  update.set(
    reference,
    withEntries(field.dictionary, {
      V: signature,
      ...(merged ? { AP: appearance, F: flagsOf(field.dictionary) } : {}),
    }),
  )
  if (!merged && widgetReference && widget && appearance) {
    update.set(widgetReference, withEntries(widget, { AP: appearance, F: flagsOf(widget) }))
  }
}

function flagsOf(widget: PdfDictionary): number {
  const flags = widget.entries.get('F')
  return (typeof flags === 'number' ? flags : 0) | 132
}

async function sizeOfBox(
  document: PdfDocument,
  value: PdfValue | undefined,
): Promise<{ width: number; height: number } | undefined> {
  const box = await document.array(value)
  if (box?.length !== 4 || !box.every((item) => typeof item === 'number')) return undefined
  const [x1, y1, x2, y2] = box as [number, number, number, number]
  return { width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) }
}

/** Sets SigFlags to 3 (signatures exist, append only) and adds a new field to Fields. */
async function addToForm(
  context: { document: PdfDocument; update: Update; edit: CatalogEdit },
  field: PdfReference | undefined,
): Promise<void> {
  const { document, update, edit } = context
  const written = edit.catalog.entries.get('AcroForm')
  const form = (await document.dictionary(written)) ?? pdfDictionary({ Fields: [] })
  const flags = form.entries.get('SigFlags')
  const wantedFlags = (typeof flags === 'number' ? flags : 0) | 3
  let changed = withEntries(form, { SigFlags: wantedFlags })
  let dirty = flags !== wantedFlags
  const fields = form.entries.get('Fields')
  if (field) {
    const list = (await document.array(fields)) ?? []
    if (isReference(fields)) update.set(fields, [...list, field])
    else {
      changed = withEntries(changed, { Fields: [...list, field] })
      dirty = true
    }
  }
  if (!dirty) return
  if (isReference(written)) update.set(written, changed)
  else {
    edit.catalog = withEntries(edit.catalog, { AcroForm: changed })
    edit.changed = true
  }
}

async function appendToArray(
  { document, update }: { document: PdfDocument; update: Update },
  {
    owner,
    key,
    item,
  }: { owner: { reference: PdfReference; dictionary: PdfDictionary }; key: string; item: PdfReference },
): Promise<void> {
  const written = owner.dictionary.entries.get(key)
  const list = await document.array(written)
  if (isReference(written) && isArray(list)) update.set(written, [...list, item])
  else update.set(owner.reference, withEntries(owner.dictionary, { [key]: [...(list ?? []), item] }))
}
