/** Metadata of a bag, `bag-info.txt` (RFC 8493, section 2.2.2): labels repeat, order is kept, reserved labels ignore case. */
import { utf8 } from '@zhicheng/core'
import { archiveError } from './errors.ts'
import { noProblems, type Problems } from './lib/problem.ts'
import { linesOf } from './lib/tag-text.ts'

/** One label with its value. */
export interface BagInfoEntry {
  label: string
  value: string
}

/** A bag-info that was read. */
export interface BagInfo {
  entries: readonly BagInfoEntry[]
  problems: Problems
}

/** Labels that should stand once; a repetition is a remark (section 2.2.2). */
const onceLabels = ['bagging-date', 'bag-size', 'bag-group-identifier', 'bag-count']

/** Reads a bag-info; every line that is not in order is a problem with its number. `strict` is version 1.0. */
export function parseBagInfo(text: string, { name, strict }: { name: string; strict: boolean }): BagInfo {
  const entries: BagInfoEntry[] = []
  const problems = noProblems()
  for (const [index, line] of linesOf(text).entries()) {
    const last = entries.at(-1)
    if (/^[ \t]/.test(line) && last) {
      last.value = `${last.value} ${line.trim()}`
      continue
    }
    const entry = splitLine(line, strict)
    if (entry) entries.push(entry)
    else {
      problems.errors.push({
        code: 'ERR_ARCHIVE_BAG_INFO',
        object: `${name}:${index + 1}`,
        evidence: 'the line is not a label, a colon, a blank and a value',
      })
    }
  }
  for (const label of onceLabels) {
    if (bagInfoValues(entries, label).length < 2) continue
    problems.warnings.push({
      code: 'WARN_ARCHIVE_REPEATED',
      object: name,
      evidence: `the label ${label} should stand once`,
    })
  }
  return { entries, problems }
}

/** The values of a label, in order; the label is compared without case. */
export function bagInfoValues(entries: readonly BagInfoEntry[], label: string): string[] {
  return entries.filter((entry) => entry.label.toLowerCase() === label.toLowerCase()).map(({ value }) => value)
}

/** The text of a bag-info. Throws `ERR_ARCHIVE_DESCRIPTION` for a value that would break its line. */
export function formatBagInfo(entries: readonly BagInfoEntry[]): Uint8Array<ArrayBuffer> {
  for (const { label, value } of entries) {
    if (/^[A-Za-z][A-Za-z-]*$/.test(label) && value !== '' && value.trim() === value && !/\p{Cc}/u.test(value)) continue
    throw archiveError(
      'ERR_ARCHIVE_DESCRIPTION',
      `The value of ${label} is empty or has a line end or control character.`,
      {
        facts: { label },
      },
    )
  }
  return utf8(entries.map(({ label, value }) => `${label}: ${value}\n`).join(''))
}

/** `Payload-Oxum`: bytes and number of the payload files, or `undefined` if the text is none. */
export function parsePayloadOxum(text: string): { bytes: number; files: number } | undefined {
  const match = /^(\d{1,16})\.(\d{1,16})$/.exec(text)
  if (!match) return undefined
  const [bytes, files] = [Number(match[1]), Number(match[2])]
  return Number.isSafeInteger(bytes) && Number.isSafeInteger(files) ? { bytes, files } : undefined
}

function splitLine(line: string, strict: boolean): BagInfoEntry | undefined {
  const colon = line.indexOf(':')
  const label = line.slice(0, colon)
  const value = line.slice(colon + 1)
  if (colon < 1 || label.trimStart() !== label || label.trim() === '') return undefined
  if (strict && (label.trimEnd() !== label || !/^[ \t]/.test(value))) return undefined
  return { label: label.trimEnd(), value: value.trim() }
}
