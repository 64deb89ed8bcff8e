/** Explains a changed appearance of a field: its stream may be replaced, as long as nothing else shows it and it shows the value. */
import { equalBytes } from '@zhicheng/core'
import {
  isArray,
  isDictionary,
  isReference,
  isStream,
  isString,
  type PdfDictionary,
  type PdfString,
  type PdfValue,
  sameValue,
  textOfString,
} from '../objects.ts'
import { changedKeys, type EdgeRule, type Ledger } from './ledger.ts'
import { shownText } from './shown-text.ts'

/** A field or widget dictionary before and after. */
interface AppearanceOwner {
  readonly value: PdfValue
  readonly earlier: PdfDictionary
  readonly now: PdfDictionary
}

/** A field that is compared. */
export interface FilledField {
  readonly name: string
  readonly type: string | undefined
  readonly owner: AppearanceOwner
  /** V and Opt of the field or of those above it. */
  readonly value: PdfValue | undefined
  readonly options: PdfValue | undefined
  readonly valueChanged: boolean
  /** A widget of a field above it, without a name of its own. */
  readonly isWidget: boolean
}

/** Explains what is changed below AP; true if the appearance of the field is another than before. */
export async function explainAppearance(ledger: Ledger, field: FilledField): Promise<boolean> {
  const { before, after } = ledger.revision
  const { value, earlier, now } = field.owner
  if (!isReference(value)) return false
  const [oldValue, newValue] = [earlier.entries.get('AP'), now.entries.get('AP')]
  if (newValue === undefined) {
    if (oldValue !== undefined) ledger.forbid(`The field "${field.name}" loses its appearance.`)
    return oldValue !== undefined
  }
  const [oldAppearance, newAppearance] = [await before.dictionary(oldValue), await after.dictionary(newValue)]
  if (!newAppearance) {
    ledger.forbid(`The field "${field.name}" gets an appearance that cannot be read.`)
    return true
  }
  ledger.explain(newValue, (parent, path) => parent === value.number && path === 'AP')
  let changed = !sameValue(oldValue, newValue)
  if (changed) retire(ledger, oldValue, (parent, path) => parent === value.number && path === 'AP')
  const place = isReference(newValue)
    ? { parent: newValue.number, prefix: '' }
    : { parent: value.number, prefix: 'AP/' }
  for (const key of ['N', 'R', 'D']) {
    const [old, current] = [oldAppearance?.entries.get(key), newAppearance.entries.get(key)]
    if (await explainStreams(ledger, { field, old, current, place: { ...place, key } })) changed = true
    if (!sameValue(old, current)) retire(ledger, old, (_, path) => path === key || path === `AP/${key}`)
  }
  if (changed && field.type === 'Btn') {
    // The states of a button are drawn when the form is made; filling it only chooses one.
    ledger.leaveOpen(`What the button "${field.name}" shows is changed, and was not looked at.`)
  }
  if ((changed || field.valueChanged) && (field.type === 'Tx' || field.type === 'Ch')) {
    await compareWithValue(ledger, field, newAppearance)
    if (!field.valueChanged && !(await isSameDrawing(ledger, oldAppearance, newAppearance))) {
      ledger.leaveOpen(`The field "${field.name}" is drawn anew, though its value stays the same.`)
    }
  }
  return changed
}

/**
 * What a field showed before must have been its alone: an appearance that stands elsewhere in the document too was
 * prepared for more than this field.
 */
function retire(ledger: Ledger, value: PdfValue | undefined, rule: EdgeRule): void {
  if (isReference(value)) ledger.retired.set(value.number, rule)
}

/** One of N, R, D: a stream, or a dictionary of streams by state. */
async function explainStreams(
  ledger: Ledger,
  {
    field,
    old,
    current,
    place,
  }: {
    field: FilledField
    old: PdfValue | undefined
    current: PdfValue | undefined
    place: { parent: number; prefix: string; key: string }
  },
): Promise<boolean> {
  const { after } = ledger.revision
  if (current === undefined) return old !== undefined
  const own = place.prefix + place.key
  let changed = !sameValue(old, current) || ledger.isOverridden(current)
  ledger.explain(current, (parent, path) => parent === place.parent && path === own)
  const resolved = await after.resolve(current)
  if (isStream(resolved)) {
    if (changed && !ledger.isNew(current) && !ledger.isOverridden(current)) {
      ledger.forbid(`The field "${field.name}" shows something that stood elsewhere in the signed document.`)
    }
    return changed
  }
  if (!isDictionary(resolved)) {
    ledger.forbid(`The field "${field.name}" gets an appearance that cannot be read.`)
    return true
  }
  const states = isReference(current)
    ? { parent: current.number, prefix: '' }
    : { parent: place.parent, prefix: `${own}/` }
  for (const [state, stream] of resolved.entries) {
    ledger.explain(stream, (parent, path) => parent === states.parent && path === states.prefix + state)
    if (ledger.isOverridden(stream)) changed = true
  }
  return changed
}

/** True if the new appearance is a copy of the old one, however it is compressed. */
async function isSameDrawing(ledger: Ledger, earlier: PdfDictionary | undefined, now: PdfDictionary): Promise<boolean> {
  const { before, after } = ledger.revision
  const left = await before.resolve(earlier?.entries.get('N'))
  const right = await after.resolve(now.entries.get('N'))
  if (!isStream(left) || !isStream(right)) return false
  const encoding = new Set(['Length', 'Filter', 'DecodeParms'])
  if (changedKeys(left.dictionary, right.dictionary).some((key) => !encoding.has(key))) return false
  const [old, current] = [await before.streamData(left), await after.streamData(right)]
  return equalBytes(old, current)
}

/** What the field shows must be its value: otherwise a signed text could be swapped for another by its picture alone. */
async function compareWithValue(ledger: Ledger, field: FilledField, appearance: PdfDictionary): Promise<void> {
  const { after } = ledger.revision
  const value = await after.resolve(field.value)
  const stream = await after.resolve(appearance.entries.get('N'))
  if (!isStream(stream)) return ledger.leaveOpen(`Whether the field "${field.name}" shows its value was not checked.`)
  const shown = await shownText(ledger, stream)
  const text = isString(value) ? await displayed(ledger, { value, field }) : value === null ? '' : undefined
  if (shown === undefined || text === undefined) {
    ledger.leaveOpen(`Whether the field "${field.name}" shows its value was not checked.`)
  } else if (normal(shown) !== normal(text)) {
    ledger.forbid(`The field "${field.name}" shows something else than its value.`)
  }
}

/** A choice field shows the second half of the option whose first half is its value. */
async function displayed(ledger: Ledger, { value, field }: { value: PdfString; field: FilledField }): Promise<string> {
  const { after } = ledger.revision
  const options = field.type === 'Ch' ? await after.array(field.options) : undefined
  for (const item of options ?? []) {
    const option = await after.resolve(item)
    if (!isArray(option) || option.length !== 2) continue
    const [code, label] = [await after.resolve(option[0]), await after.resolve(option[1])]
    if (isString(label) && sameValue(code, value)) return textOfString(label)
  }
  return textOfString(value)
}

function normal(text: string): string {
  return text.replace(/\s+/g, '')
}
