/** Explains changes of the form: new signature fields, fields that are signed or filled, and nothing else. */
import { isZhichengError } from '@zhicheng/core'
import {
  isArray,
  isName,
  isReference,
  isString,
  type PdfValue,
  pdfDictionary,
  pdfName,
  sameValue,
  textOfString,
} from '../objects.ts'
import { explainAppearance, type FilledField } from './appearance.ts'
import type { Catalogs } from './catalogs.ts'
import { changedKeys, type Ledger } from './ledger.ts'
import { explainNewField } from './new-field.ts'
import { checkNewSignature } from './new-signature.ts'

const formKeys = new Set(['Fields', 'SigFlags', 'DR', 'DA', 'Q', 'NeedAppearances'])
const maxDepth = 32

/** What an empty signature field may gain, and what filling changes in the other kinds. */
const filledKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  Sig: new Set(['V', 'AP', 'AS', 'F', 'M', 'Type']),
  Tx: new Set(['V', 'AP', 'M', 'RV', 'Type']),
  Btn: new Set(['V', 'AP', 'AS', 'M', 'Type']),
  Ch: new Set(['V', 'AP', 'I', 'M', 'Type']),
}

/** Compares the form before and after. */
export async function explainForm(ledger: Ledger, { oldCatalog, newCatalog, root }: Catalogs): Promise<void> {
  const { before, after } = ledger.revision
  const [oldValue, newValue] = [oldCatalog.entries.get('AcroForm'), newCatalog.entries.get('AcroForm')]
  if (oldValue === undefined && newValue === undefined) return
  const now = await after.dictionary(newValue)
  const earlier = (await before.dictionary(oldValue)) ?? pdfDictionary({})
  if (!now) return ledger.forbid('The form of the document is removed.')
  ledger.explain(newValue, (parent, path) => parent === root && path === 'AcroForm')
  for (const key of changedKeys(earlier, now)) {
    if (!formKeys.has(key)) ledger.forbid(`The form's ${key} is changed.`)
    // What a form without fields says about drawing them concerns nobody but the fields that come along.
    ledger.raise(oldValue === undefined || key === 'SigFlags' || key === 'Fields' ? 'ltv' : 'form-filling')
  }
  if (now.entries.get('NeedAppearances') === true && earlier.entries.get('NeedAppearances') !== true) {
    ledger.leaveOpen('The form wants all of its fields drawn anew, so that they may look different.')
  }
  const owner = isReference(newValue) ? { parent: newValue.number, prefix: '' } : { parent: root, prefix: 'AcroForm/' }
  await compareResources(ledger, { earlier: earlier.entries.get('DR'), now: now.entries.get('DR'), owner })
  const written = now.entries.get('Fields')
  ledger.explain(written, (parent, path) => parent === owner.parent && path === `${owner.prefix}Fields`)
  await compareFields(ledger, {
    earlier: (await before.array(earlier.entries.get('Fields'))) ?? [],
    now: (await after.array(written)) ?? [],
  })
}

/** Default resources may gain fonts; those there are stay as they are. */
async function compareResources(
  ledger: Ledger,
  {
    earlier,
    now,
    owner,
  }: { earlier: PdfValue | undefined; now: PdfValue | undefined; owner: { parent: number; prefix: string } },
): Promise<void> {
  const { before, after } = ledger.revision
  const [old, current] = [await before.dictionary(earlier), await after.dictionary(now)]
  if (!old) return
  if (!current) return ledger.forbid("The form's resources are removed.")
  ledger.explain(now, (parent, path) => parent === owner.parent && path === `${owner.prefix}DR`)
  if (ledger.isOverridden(now)) ledger.raise('form-filling')
  const place = isReference(now)
    ? { parent: now.number, prefix: '' }
    : { parent: owner.parent, prefix: `${owner.prefix}DR/` }
  for (const [key, value] of old.entries) {
    const other = current.entries.get(key)
    ledger.explain(other, (parent, path) => parent === place.parent && path === place.prefix + key)
    if (ledger.isOverridden(other)) ledger.raise('form-filling')
    const [oldGroup, newGroup] = [await before.dictionary(value), await after.dictionary(other)]
    if (!oldGroup || !newGroup) {
      if (!sameValue(value, other)) ledger.forbid(`The form's resources change ${key}.`)
      continue
    }
    for (const [name, resource] of oldGroup.entries) {
      if (!sameValue(resource, newGroup.entries.get(name))) ledger.forbid(`The form's resources change ${key} ${name}.`)
    }
  }
}

async function compareFields(
  ledger: Ledger,
  { earlier, now }: { earlier: readonly PdfValue[]; now: readonly PdfValue[] },
): Promise<void> {
  let kept = 0
  for (const item of now) {
    if (kept < earlier.length && sameValue(item, earlier[kept])) {
      await compareField(ledger, { value: item, parent: noParent })
      kept += 1
    } else await explainNewField(ledger, item)
  }
  if (kept < earlier.length) ledger.forbid('Fields of the form are removed or put into another order.')
}

/** What a field inherits: its name so far, its type, its value, and whether that value changed above it. */
interface FieldParent {
  readonly name: string
  readonly type: string | undefined
  readonly value: PdfValue | undefined
  readonly options: PdfValue | undefined
  readonly valueChanged: boolean
  readonly depth: number
}

const noParent: FieldParent = {
  name: '',
  type: undefined,
  value: undefined,
  options: undefined,
  valueChanged: false,
  depth: 0,
}

async function compareField(
  ledger: Ledger,
  { value, parent }: { value: PdfValue; parent: FieldParent },
): Promise<void> {
  const { before, after } = ledger.revision
  const [earlier, now] = [await before.dictionary(value), await after.dictionary(value)]
  if (!earlier && !now) return
  if (!earlier || !now || parent.depth > maxDepth) {
    return ledger.forbid('A field of the form is replaced by something else.')
  }
  const partial = await after.resolve(now.entries.get('T'))
  const own = isString(partial) ? textOfString(partial) : ''
  const ownType = await after.resolve(now.entries.get('FT'))
  const field: FilledField = {
    name: parent.name !== '' && own !== '' ? `${parent.name}.${own}` : parent.name + own,
    type: isName(ownType) ? ownType.name : parent.type,
    owner: { value, earlier, now },
    value: now.entries.get('V') ?? parent.value,
    options: now.entries.get('Opt') ?? parent.options,
    valueChanged: parent.valueChanged || !sameValue(earlier.entries.get('V'), now.entries.get('V')),
    isWidget: parent.depth > 0 && partial === null,
  }
  await compareDictionaries(ledger, field)
  for (const kid of (await after.array(now.entries.get('Kids'))) ?? []) {
    await compareField(ledger, { value: kid, parent: { ...field, depth: parent.depth + 1 } })
  }
}

async function compareDictionaries(ledger: Ledger, field: FilledField): Promise<void> {
  const { name, type, owner } = field
  const { value, earlier, now } = owner
  // Whoever refers to a field sees the same field; what may change in it is decided below.
  ledger.explain(value, () => true)
  const keys = changedKeys(earlier, now)
  const allowed = filledKeys[type ?? ''] ?? new Set<string>()
  for (const key of keys) if (!allowed.has(key)) ledger.forbid(`The field "${name}" has its ${key} changed.`)
  if (keys.includes('Type') && !isName(now.entries.get('Type'), 'Annot')) {
    ledger.forbid(`The field "${name}" becomes an object of another type.`)
  }
  if (keys.includes('V') && field.isWidget) ledger.forbid(`A widget of the field "${name}" gets a value of its own.`)
  const appearance = await explainAppearance(ledger, field)
  if (appearance && allowed.size === 0) ledger.forbid(`The field "${name}" is of no known type, and looks different.`)
  if (type === 'Btn' && (keys.includes('AS') || field.valueChanged)) await checkState(ledger, field)
  if (keys.length === 0 && !appearance) return
  ledger.fields.add(name)
  ledger.raise('form-filling')
  if (type === 'Ch' && keys.includes('I')) await checkChoice(ledger, field)
  if (type === 'Sig') await compareSignature(ledger, field)
}

/** An empty signature field may be signed, and change in no other way; a signed one may not change at all. */
async function compareSignature(ledger: Ledger, { name, owner, value, valueChanged }: FilledField): Promise<void> {
  if (owner.earlier.entries.has('V') || !valueChanged) {
    return ledger.forbid(`The signature field "${name}" is changed, though it is not signed now.`)
  }
  if (owner.now.entries.has('V')) await checkNewSignature(ledger, { name, signature: value })
}

/** A button is drawn in the state that its value names, if it has that state, else as it is when it is off. */
async function checkState(ledger: Ledger, { name, owner, value }: FilledField): Promise<void> {
  const { after } = ledger.revision
  const appearance = await after.dictionary(owner.now.entries.get('AP'))
  const states = await after.dictionary(appearance?.entries.get('N'))
  if (!states) return
  const [chosen, shown] = [await after.resolve(value), await after.resolve(owner.now.entries.get('AS'))]
  if (chosen !== null && !isName(chosen)) {
    return ledger.leaveOpen(`Whether the button "${name}" shows its value was not checked.`)
  }
  const wanted = chosen !== null && states.entries.has(chosen.name) ? chosen.name : 'Off'
  if (!isName(shown ?? pdfName('Off'), wanted))
    ledger.forbid(`The button "${name}" shows another state than its value.`)
}

/** The chosen indices must be those of the chosen values. */
async function checkChoice(ledger: Ledger, { name, owner }: FilledField): Promise<void> {
  const { after } = ledger.revision
  try {
    const options = (await after.array(owner.now.entries.get('Opt'))) ?? []
    const indices = (await after.array(owner.now.entries.get('I'))) ?? []
    const value = await after.resolve(owner.now.entries.get('V'))
    const values = isArray(value) ? value : [value]
    const chosen = indices.map((index) => options[Number(index)])
    const agrees =
      chosen.length === values.length &&
      chosen.every((option, at) => {
        const code = isArray(option) ? option[0] : option
        return sameValue(code, values[at])
      })
    if (!agrees && indices.length > 0) ledger.forbid(`The field "${name}" chooses other entries than its value says.`)
  } catch (error) {
    if (!isZhichengError(error)) throw error
    ledger.forbid(`The choice of the field "${name}" cannot be read.`)
  }
}
