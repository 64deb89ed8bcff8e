/** Which fonts of an appearance draw the letters that their codes say: those of Latin text that were signed or are built in. */
import { isDictionary, isName, isReference, type PdfDictionary, type PdfStream, type PdfValue } from '../objects.ts'
import type { Ledger } from './ledger.ts'

/** Fonts that every reader has, in the names that writers use for them. */
const builtIn = /^(?:Helvetica|Arial|ArialMT|Times|Times-Roman|TimesNewRoman|Courier|CourierNew)(?:[-,].*)?$/
const latinEncodings = ['StandardEncoding', 'WinAnsiEncoding', 'MacRomanEncoding', 'PDFDocEncoding']

/** The names of the fonts in the resources of a stream; undefined when one of them may draw something else than its codes. */
export async function readPlainFonts(ledger: Ledger, stream: PdfStream): Promise<ReadonlySet<string> | undefined> {
  const { after } = ledger.revision
  const resources = await after.dictionary(stream.dictionary.entries.get('Resources'))
  const fonts = await after.dictionary(resources?.entries.get('Font'))
  const names = new Set<string>()
  for (const [name, value] of fonts?.entries ?? []) {
    if (!(await isPlain(ledger, value))) return undefined
    names.add(name)
  }
  return names
}

async function isPlain(ledger: Ledger, value: PdfValue): Promise<boolean> {
  const { after } = ledger.revision
  const font = await after.dictionary(value)
  if (!font || isName(font.entries.get('Subtype'), 'Type0') || isName(font.entries.get('Subtype'), 'Type3'))
    return false
  if (!(await hasLatinEncoding(ledger, font))) return false
  const name = await after.resolve(font.entries.get('BaseFont'))
  const descriptor = await after.dictionary(font.entries.get('FontDescriptor'))
  const embedded = ['FontFile', 'FontFile2', 'FontFile3'].some((key) => descriptor?.entries.has(key))
  // A font program may give each code any shape: it is believed only as a part of what was signed.
  if (embedded) return isReference(value) && !ledger.isNew(value) && !ledger.isOverridden(value)
  return isName(name) && builtIn.test(name.name)
}

async function hasLatinEncoding(ledger: Ledger, font: PdfDictionary): Promise<boolean> {
  const { after } = ledger.revision
  const encoding = await after.resolve(font.entries.get('Encoding'))
  if (encoding === null) return true
  if (isName(encoding)) return latinEncodings.includes(encoding.name)
  if (!isDictionary(encoding)) return false
  const base = await after.resolve(encoding.entries.get('BaseEncoding'))
  if (base !== null && !(isName(base) && latinEncodings.includes(base.name))) return false
  return keepsAscii((await after.array(encoding.entries.get('Differences'))) ?? [])
}

/** Differences above ASCII name the letters of Western Europe; below, they could make one letter look like another. */
function keepsAscii(differences: readonly PdfValue[]): boolean {
  const usual: Readonly<Record<number, string>> = { 39: 'quotesingle', 96: 'grave' }
  let code = 0
  for (const item of differences) {
    if (typeof item === 'number') code = item
    else {
      if (code > 31 && code < 127 && !isName(item, usual[code] ?? '')) return false
      code += 1
    }
  }
  return true
}
