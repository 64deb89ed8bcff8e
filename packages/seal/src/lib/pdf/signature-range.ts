/** The rules on ByteRange and Contents that keep a signature from covering something else than it seems to (ISO 32000-2, 12.8.1). */
import { type Finding, isZhichengError } from '@zhicheng/core'
import { sealError } from '../../errors.ts'
import type { PdfDocument } from './document.ts'
import { openPdf } from './document.ts'
import { readSignedFields } from './form.ts'
import { isArray, isName, isString, type PdfDictionary, type PdfReference, textOfString } from './objects.ts'

/** Each signature is held against its own revision of the file, so their number is bounded. */
const maxSignatures = 300

/** A signature of a document with what its dictionary says. */
export interface FoundSignature {
  readonly name: string
  readonly reference: PdfReference | undefined
  readonly dictionary: PdfDictionary
  readonly subFilter: string | undefined
  /** The bytes of Contents with their padding. */
  readonly contents: Uint8Array
  /** M as the signer claims it. */
  readonly claimedTime: Date | undefined
  /** What is covered; undefined when the rules are broken. */
  readonly range: SignedRange | undefined
  /** Why the range cannot be accepted. */
  readonly findings: readonly Finding[]
}

/** Covered are the bytes before `open` and those from `close` to `end`. */
export interface SignedRange {
  readonly open: number
  readonly close: number
  readonly end: number
}

/** All signatures that the fields of the form hold, in the order of the form. */
export async function findSignatures(document: PdfDocument): Promise<FoundSignature[]> {
  const found: FoundSignature[] = []
  const signed = await readSignedFields(document)
  if (signed.length > maxSignatures) {
    throw sealError('ERR_SEAL_PDF_LIMIT', `The PDF has more than ${maxSignatures} signatures.`)
  }
  for (const { field, reference, signature } of signed) {
    const contents = await document.resolve(signature.entries.get('Contents'))
    const subFilter = await document.resolve(signature.entries.get('SubFilter'))
    const time = await document.resolve(signature.entries.get('M'))
    const checked = await checkRange(document, { name: field.name, reference, dictionary: signature })
    found.push({
      name: field.name,
      reference,
      dictionary: signature,
      subFilter: isName(subFilter) ? subFilter.name : undefined,
      contents: isString(contents) ? contents.bytes : new Uint8Array(0),
      claimedTime: isString(time) ? parsePdfDate(textOfString(time)) : undefined,
      ...checked,
    })
  }
  return found
}

async function checkRange(
  document: PdfDocument,
  { name, reference, dictionary }: { name: string; reference: PdfReference | undefined; dictionary: PdfDictionary },
): Promise<{ range: SignedRange | undefined; findings: Finding[] }> {
  const refuse = (code: string, message: string): { range: undefined; findings: Finding[] } => ({
    range: undefined,
    findings: [{ code, severity: 'error', message }],
  })
  if (dictionary.duplicateKeys.length > 0) {
    return refuse('ERR_SEAL_PDF_MALFORMED', `The signature dictionary has ${dictionary.duplicateKeys[0]} twice.`)
  }
  const contents = dictionary.entries.get('Contents')
  if (!isString(contents) || !contents.hex || contents.start === undefined || contents.end === undefined) {
    return refuse('ERR_SEAL_CONTENTS', 'The signature has no Contents that lies in the file as a hex string.')
  }
  if (!contents.bytes.some((byte) => byte !== 0))
    return refuse('ERR_SEAL_CONTENTS', 'The Contents of the signature are empty.')
  const numbers = dictionary.entries.get('ByteRange')
  if (!isArray(numbers) || numbers.length !== 4 || !numbers.every(isOffset)) {
    return refuse('ERR_SEAL_BYTE_RANGE', 'The ByteRange of the signature is not four offsets and lengths.')
  }
  const [first, open, close, rest] = numbers as [number, number, number, number]
  const end = close + rest
  if (first !== 0 || open !== contents.start || close !== contents.end) {
    return refuse('ERR_SEAL_BYTE_RANGE', 'The ByteRange leaves out more, or something else, than the Contents.')
  }
  if (end > document.file.size)
    return refuse('ERR_SEAL_BYTE_RANGE', 'The ByteRange reaches beyond the end of the file.')
  const problem = await checkRevision(document, { name, reference, range: { open, close, end } })
  return problem ? refuse('ERR_SEAL_BYTE_RANGE', problem) : { range: { open, close, end }, findings: [] }
}

/** The range must end where a revision ends, and the signature must be that revision's own, in the same place. */
async function checkRevision(
  document: PdfDocument,
  { name, reference, range }: { name: string; reference: PdfReference | undefined; range: SignedRange },
): Promise<string | undefined> {
  const tail = String.fromCharCode(...(await document.file.read(Math.max(0, range.end - 64), Math.min(64, range.end))))
  if (!/%%EOF\s*$/.test(tail)) return 'The ByteRange does not end where a revision of the file ends.'
  let signed: PdfDocument
  try {
    signed = await openPdf(document.file.truncate(range.end))
    const again = (await readSignedFields(signed)).find((each) => each.field.name === name)
    const contents = again?.signature.entries.get('Contents')
    if (!isString(contents) || contents.start !== range.open) {
      return 'The signature is not part of the revision that it covers.'
    }
    if (reference ? again?.reference?.number !== reference.number : again?.reference !== undefined) {
      return 'The signature is another object in the revision that it covers.'
    }
    return undefined
  } catch (error) {
    if (!isZhichengError(error)) throw error
    return 'The revision that the signature covers cannot be read.'
  }
}

function isOffset(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** A PDF date (ISO 32000-2, 7.9.4); without an offset it is taken as UTC. */
function parsePdfDate(text: string): Date | undefined {
  const match =
    /^(?:D:)?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:([+-])(\d{2})'?(\d{2})?'?|Z(?:00'?00'?)?)?$/.exec(text)
  if (!match) return undefined
  const [year, month = '01', day = '01', hour = '00', minute = '00', second = '00', sign, offsetHour, offsetMinute] =
    match.slice(1) as [string, ...(string | undefined)[]]
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  const offset = sign ? (Number(offsetHour) * 60 + Number(offsetMinute ?? '0')) * (sign === '+' ? 1 : -1) : 0
  const date = new Date(time - offset * 60_000)
  return Number.isNaN(date.getTime()) ? undefined : date
}
