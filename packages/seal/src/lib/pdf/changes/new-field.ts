/** Explains a field that a revision adds: a signature field with a widget of its own, and no other kind. */
import { isName, isReference, isString, type PdfDictionary, type PdfValue, textOfString } from '../objects.ts'
import type { Ledger } from './ledger.ts'
import { checkNewSignature } from './new-signature.ts'

/** Entries of a widget that make a reader do something. */
const actions = ['A', 'AA']

/** Square points of a box of 10 cm a side: no official seal is as large, and a larger box may hide the text of a page. */
const largestSeal = 80_353

/** Checks a reference that was added to the Fields of the form. */
export async function explainNewField(ledger: Ledger, value: PdfValue): Promise<void> {
  const { after } = ledger.revision
  const field = await after.dictionary(value)
  if (!isReference(value) || !ledger.isNew(value) || !field) {
    return ledger.forbid('The form gets a field that is not a new object.')
  }
  const partial = await after.resolve(field.entries.get('T'))
  const name = isString(partial) ? textOfString(partial) : ''
  if (!isName(field.entries.get('FT'), 'Sig'))
    return ledger.forbid(`The form gets the field "${name}", which is not for a signature.`)
  ledger.fields.add(name)
  const signature = field.entries.get('V')
  if (signature !== undefined) await checkNewSignature(ledger, { name, signature })
  if (actions.some((key) => field.entries.has(key))) ledger.forbid(`The new field "${name}" carries actions.`)
  const kids = (await after.array(field.entries.get('Kids'))) ?? []
  const widgets: PdfValue[] = field.entries.has('Rect') ? [value, ...kids] : [...kids]
  let covered = 0
  for (const item of widgets) {
    const widget = await after.dictionary(item)
    if (!widget || !isReference(item) || !ledger.isNew(item) || !isName(widget.entries.get('Subtype'), 'Widget')) {
      ledger.forbid(`The new field "${name}" has a widget that is not a new object.`)
      continue
    }
    if (actions.some((key) => widget.entries.has(key))) ledger.forbid(`The new field "${name}" carries actions.`)
    if (widget !== field && ['T', 'FT', 'V', 'Kids'].some((key) => widget.entries.has(key))) {
      ledger.forbid(`The new field "${name}" has another field below it.`)
    }
    ledger.newWidgets.add(item.number)
    const area = await areaOf(ledger, widget)
    covered += area
    if (area > 0 && signature === undefined && (widget.entries.has('AP') || widget.entries.has('MK'))) {
      ledger.leaveOpen(`The new field "${name}" shows something, though it is not signed.`)
    }
  }
  const visible = covered > 0
  if (covered > largestSeal) ledger.leaveOpen(`The new field "${name}" covers a large part of its page.`)
  if (visible) ledger.remark(`The new field "${name}" shows something on its page.`)
  const stored = await after.dictionary(signature)
  const form = await after.resolve(stored?.entries.get('SubFilter'))
  // A timestamp that nobody sees is evidence; a visible field, or another signature, is more than that.
  ledger.raise(isName(form, 'ETSI.RFC3161') && !visible ? 'ltv' : 'form-filling')
}

async function areaOf(ledger: Ledger, widget: PdfDictionary): Promise<number> {
  const box = await ledger.revision.after.array(widget.entries.get('Rect'))
  if (box?.length !== 4 || !box.every((item) => typeof item === 'number')) return Number.POSITIVE_INFINITY
  const [x1, y1, x2, y2] = box as [number, number, number, number]
  return Math.abs((x2 - x1) * (y2 - y1))
}
