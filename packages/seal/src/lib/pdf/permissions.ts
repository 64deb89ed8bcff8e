/** What earlier signatures still allow: certification (DocMDP), field locks (FieldMDP, Lock), all of them together (ISO 32000-2, 12.8.2). */
import type { PdfDocument } from './document.ts'
import { readSignedFields } from './form.ts'
import { isDictionary, isName, isString, type PdfDictionary, textOfString } from './objects.ts'

/** The strictest of what the signatures of a document allow. */
export interface Permissions {
  /** 1 no changes, 2 form filling and signatures, 3 annotations too; undefined when nothing restricts. */
  readonly level: 1 | 2 | 3 | undefined
  /** True when a signature locks the field of this name. */
  locks(field: string): boolean
  readonly signatures: number
}

/** A lock on fields, as a FieldMDP transform or a Lock dictionary says it. */
export interface FieldLock {
  readonly action: 'All' | 'Include' | 'Exclude'
  readonly fields: readonly string[]
}

/** Reads the permissions that all signatures of the document leave. */
export async function readPermissions(document: PdfDocument): Promise<Permissions> {
  const locks: FieldLock[] = []
  const levels: (1 | 2 | 3)[] = []
  const signed = await readSignedFields(document)
  for (const { signature, field } of signed) {
    for (const { method, parameters } of await readTransforms(document, signature)) {
      if (method === 'DocMDP') levels.push(certificationLevel(parameters))
      if (method === 'FieldMDP') {
        const lock = await readLock(document, parameters)
        if (lock) locks.push(lock)
      }
    }
    const lockDictionary = await document.dictionary(field.dictionary.entries.get('Lock'))
    const level = lockDictionary && levelOf(lockDictionary)
    if (level) levels.push(level)
  }
  return {
    level: levels.length > 0 ? (Math.min(...levels) as 1 | 2 | 3) : undefined,
    locks: (field) => locks.some((lock) => isLocked(lock, field)),
    signatures: signed.length,
  }
}

/** The transforms of a signature's Reference array with their parameters. */
export async function readTransforms(
  document: PdfDocument,
  signature: PdfDictionary,
): Promise<{ method: string; parameters: PdfDictionary }[]> {
  const transforms: { method: string; parameters: PdfDictionary }[] = []
  for (const item of (await document.array(signature.entries.get('Reference'))) ?? []) {
    const reference = await document.dictionary(item)
    const method = await document.resolve(reference?.entries.get('TransformMethod'))
    const parameters = await document.dictionary(reference?.entries.get('TransformParams'))
    if (isName(method)) {
      transforms.push({
        method: method.name,
        parameters: parameters ?? { kind: 'dictionary', entries: new Map(), duplicateKeys: [] },
      })
    }
  }
  return transforms
}

/** The lock that a dictionary with Action and Fields describes. */
export async function readLock(document: PdfDocument, dictionary: PdfDictionary): Promise<FieldLock | undefined> {
  const action = await document.resolve(dictionary.entries.get('Action'))
  if (!isName(action)) return undefined
  const fields: string[] = []
  for (const item of (await document.array(dictionary.entries.get('Fields'))) ?? []) {
    const name = await document.resolve(item)
    if (isString(name)) fields.push(textOfString(name))
  }
  if (action.name !== 'Include' && action.name !== 'Exclude') return { action: 'All', fields: [] }
  return { action: action.name, fields }
}

/** True if a lock covers the field of this name. */
export function isLocked(lock: FieldLock, field: string): boolean {
  if (lock.action === 'All') return true
  const named = lock.fields.some((name) => field === name || field.startsWith(`${name}.`))
  return lock.action === 'Include' ? named : !named
}

/** What DocMDP parameters allow: 2 without P (ISO 32000-2, table 257), and nothing when P cannot be understood. */
export function certificationLevel(parameters: PdfDictionary): 1 | 2 | 3 {
  return levelOf(parameters) ?? (parameters.entries.has('P') ? 1 : 2)
}

/** P of transform parameters or of a Lock. */
function levelOf(parameters: PdfDictionary): 1 | 2 | 3 | undefined {
  const level = isDictionary(parameters) ? parameters.entries.get('P') : undefined
  return level === 1 || level === 2 || level === 3 ? level : undefined
}
