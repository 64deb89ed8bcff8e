/** The fields of an interactive form (ISO 32000-2, 12.7), read without following circles. */
import { sealError } from '../../errors.ts'
import type { PdfDocument } from './document.ts'
import {
  isName,
  isReference,
  isString,
  type PdfDictionary,
  type PdfReference,
  type PdfValue,
  textOfString,
} from './objects.ts'

/** A field at the end of the tree, or a branch that has a value of its own. */
export interface FormField {
  /** Fully qualified name. */
  readonly name: string
  readonly reference: PdfReference | undefined
  readonly dictionary: PdfDictionary
  /** `Sig`, `Tx`, `Btn`, `Ch`; inherited where the field has none. */
  readonly type: string | undefined
  /** V as it is written, a reference or the value. */
  readonly value: PdfValue | undefined
  /** Its widgets when they are not merged with the field. */
  readonly widgets: readonly PdfReference[]
}

const maxFields = 100_000
const maxFieldDepth = 32

/** All fields without sub-fields, in the order of the form. A tree that runs in a circle is `ERR_SEAL_PDF_MALFORMED`. */
export async function readFields(document: PdfDocument): Promise<FormField[]> {
  const catalog = await document.catalog()
  const form = await document.dictionary(catalog.entries.get('AcroForm'))
  const roots = (await document.array(form?.entries.get('Fields'))) ?? []
  const fields: FormField[] = []
  const seen = new Set<number>()
  for (const root of roots) await visit(root, { name: '', type: undefined, depth: 0 })
  return fields

  async function visit(
    value: PdfValue,
    parent: { name: string; type: string | undefined; depth: number },
  ): Promise<void> {
    const reference = isReference(value) ? value : undefined
    if (parent.depth > maxFieldDepth || fields.length > maxFields) {
      throw sealError('ERR_SEAL_PDF_LIMIT', 'The form of the PDF has too many fields or nests them too deeply.')
    }
    if (reference) {
      if (seen.has(reference.number))
        throw sealError('ERR_SEAL_PDF_MALFORMED', 'The form of the PDF has a field twice.')
      seen.add(reference.number)
    }
    const dictionary = await document.dictionary(value)
    if (!dictionary) return
    const partial = await document.resolve(dictionary.entries.get('T'))
    const text = isString(partial) ? textOfString(partial) : ''
    const name = parent.name !== '' && text !== '' ? `${parent.name}.${text}` : parent.name + text
    const ownType = await document.resolve(dictionary.entries.get('FT'))
    const type = isName(ownType) ? ownType.name : parent.type
    const kids = (await document.array(dictionary.entries.get('Kids'))) ?? []
    const widgets: PdfReference[] = []
    const branches: PdfValue[] = []
    for (const kid of kids) {
      const child = await document.dictionary(kid)
      if (child?.entries.has('T')) branches.push(kid)
      else if (isReference(kid)) widgets.push(kid)
    }
    if (branches.length === 0 || dictionary.entries.has('V')) {
      fields.push({ name, reference, dictionary, type, value: dictionary.entries.get('V'), widgets })
    }
    for (const branch of branches) await visit(branch, { name, type, depth: parent.depth + 1 })
  }
}

/** The fields that hold a signature, with the dictionary they hold. */
export async function readSignedFields(
  document: PdfDocument,
): Promise<{ field: FormField; reference: PdfReference | undefined; signature: PdfDictionary }[]> {
  const signed: { field: FormField; reference: PdfReference | undefined; signature: PdfDictionary }[] = []
  for (const field of await readFields(document)) {
    if (field.type !== 'Sig' || field.value === undefined) continue
    const signature = await document.dictionary(field.value)
    if (signature) signed.push({ field, reference: isReference(field.value) ? field.value : undefined, signature })
  }
  return signed
}
