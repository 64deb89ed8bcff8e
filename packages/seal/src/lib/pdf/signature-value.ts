/** The signature dictionary as it is written, with a hole for the CMS and numbers of fixed width (ISO 32000-2, 12.8.1; EN 319 142-1). */
import { formatTime, toHex } from '@zhicheng/core'
import { type PdfValue, pdfText } from './objects.ts'
import { formatPdfValue, latin1, type WrittenValue } from './writer.ts'

const numberWidth = 10
const rangeMarker = '/ByteRange ['
const contentsMarker = '/Contents <'

/** What a signature dictionary says besides the signature. */
export interface SignatureFacts {
  readonly subFilter: 'ETSI.CAdES.detached'
  readonly signedAt: Date
  readonly reason: string | undefined
  readonly location: string | undefined
  /** The Reference array of transforms, when there is one. */
  readonly references: readonly PdfValue[]
}

/** A PDF date in China Standard Time: `D:20261124080000+08'00'`. */
function formatPdfDate(date: Date): string {
  return `D:${formatTime(date).slice(0, 19).replace(/[-T:]/g, '')}+08'00'`
}

/** The dictionary with a hole of so many bytes. ByteRange and Contents come first, so that no text can imitate them. */
export function formatSignature(facts: SignatureFacts, holeBytes: number): WrittenValue {
  const lines = [
    '/Type /Sig',
    '/Filter /Adobe.PPKLite',
    `/SubFilter /${facts.subFilter}`,
    `${rangeMarker}${Array.from({ length: 4 }, () => ' '.repeat(numberWidth)).join(' ')}]`,
    `${contentsMarker}${'0'.repeat(holeBytes * 2)}>`,
    `/M (${formatPdfDate(facts.signedAt)})`,
    ...(facts.reason === undefined ? [] : [`/Reason ${formatPdfValue(pdfText(facts.reason))}`]),
    ...(facts.location === undefined ? [] : [`/Location ${formatPdfValue(pdfText(facts.location))}`]),
    ...(facts.references.length === 0 ? [] : [`/Reference ${formatPdfValue(facts.references)}`]),
  ]
  return { kind: 'written', text: `<<\n${lines.join('\n')}\n>>` }
}

/** Where the hole lies in an update, and the ranges that the signature covers in the whole file. */
export interface SignatureLayout {
  /** Index in the update of `<`. */
  readonly open: number
  /** Index in the update just behind `>`. */
  readonly close: number
}

/** Finds the hole of the dictionary that begins at `start` in the update, and writes the ByteRange into it. */
export function layOut(update: Uint8Array, { start, base }: { start: number; base: number }): SignatureLayout {
  const range = indexOf(update, latin1(rangeMarker), start) + rangeMarker.length
  const open = indexOf(update, latin1(contentsMarker), start) + contentsMarker.length - 1
  const close = update.indexOf(0x3e, open) + 1
  const numbers = [0, base + open, base + close, update.length - close]
  update.set(latin1(numbers.map((number) => String(number).padEnd(numberWidth)).join(' ')), range)
  return { open, close }
}

/** Writes a CMS into the hole; false when it is too long for it. */
export function fillHole(update: Uint8Array, { open, close }: SignatureLayout, cms: Uint8Array): boolean {
  const hex = toHex(cms)
  if (hex.length > close - open - 2) return false
  update.set(latin1(hex), open + 1)
  return true
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let index = from; ; index += 1) {
    let same = 0
    while (same < wanted.length && bytes[index + same] === wanted[same]) same += 1
    if (same === wanted.length) return index
  }
}
