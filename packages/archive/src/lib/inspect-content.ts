/** Looks into one file: does it begin and end as its type does, and is it a program. It does not render anything. */
import { isZhichengError } from '@zhicheng/core'
import { openZip, parseJson, parseXml, type SniffedType } from '@zhicheng/formats'

/** What was seen. */
export interface Inspection {
  status: 'pass' | 'fail' | 'manual' | 'not-checked'
  evidence: string
}

/** Whether a file of this type is whole and can be opened, as far as that shows without rendering it. */
export async function inspectContent(bytes: Uint8Array, type: SniffedType): Promise<Inspection> {
  try {
    return await inspect(bytes, type)
  } catch (error) {
    const why = isZhichengError(error) ? `${error.code}: ${error.message}` : 'it cannot be parsed'
    return { status: 'fail', evidence: `not a readable ${type}: ${why}` }
  }
}

/** What kind of program a file is, by its first bytes or its name, or `undefined`. */
export function programKind(head: Uint8Array, name: string): string | undefined {
  const begins = (...bytes: readonly number[]) => bytes.every((byte, at) => head[at] === byte)
  if (begins(0x4d, 0x5a)) return 'a Windows program'
  if (begins(0x7f, 0x45, 0x4c, 0x46)) return 'a Linux program'
  if (begins(0xcf, 0xfa, 0xed, 0xfe) || begins(0xce, 0xfa, 0xed, 0xfe) || begins(0xca, 0xfe, 0xba, 0xbe))
    return 'a program'
  if (begins(0x23, 0x21)) return 'a script'
  return /\.(exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|msi|jar|sh|apk|lnk)$/i.test(name)
    ? 'a program or script by its name'
    : undefined
}

async function inspect(bytes: Uint8Array, type: SniffedType): Promise<Inspection> {
  switch (type) {
    case 'pdf':
      return inspectPdf(bytes)
    case 'ofd':
    case 'zip':
      return inspectOfd(bytes)
    case 'png':
      return ends(bytes, [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82], 'the end chunk of a PNG')
    case 'jpeg':
      return ends(bytes, [0xff, 0xd9], 'the end mark of a JPEG')
    case 'xml':
    case 'svg':
      parseXml(bytes)
      return { status: 'pass', evidence: 'well-formed XML without DTD' }
    case 'json':
      parseJson(bytes)
      return { status: 'pass', evidence: 'well-formed JSON' }
    case 'text':
      return { status: 'pass', evidence: 'text' }
    default:
      return { status: 'not-checked', evidence: `this software cannot look into files of the type ${type}` }
  }
}

function inspectPdf(bytes: Uint8Array): Inspection {
  if (lastIndexOf(bytes, latin('%%EOF'), 2048) < 0) return { status: 'fail', evidence: 'the end mark %%EOF is missing' }
  if (lastIndexOf(bytes, latin('/Encrypt'), bytes.length) >= 0) {
    return {
      status: 'manual',
      evidence: 'the file seems to be encrypted, so nobody can promise that it stays readable',
    }
  }
  return { status: 'pass', evidence: 'header and end mark of a PDF; pages were not rendered' }
}

async function inspectOfd(bytes: Uint8Array): Promise<Inspection> {
  const archive = await openZip(bytes, { maxEntries: 20_000, maxTotalBytes: 1024 ** 3 })
  if (!archive.get('OFD.xml')) {
    return { status: 'manual', evidence: 'a zip that is no OFD: what is inside was not looked at' }
  }
  const root = parseXml(await archive.read('OFD.xml'))
  return root.localName === 'OFD'
    ? { status: 'pass', evidence: `an OFD of ${archive.entries.length} entries; pages were not rendered` }
    : { status: 'fail', evidence: 'OFD.xml does not have the root element OFD' }
}

function ends(bytes: Uint8Array, mark: readonly number[], what: string): Inspection {
  return lastIndexOf(bytes, mark, 65_536) < 0
    ? { status: 'fail', evidence: `${what} is missing: the file is cut off` }
    : { status: 'pass', evidence: `beginning and ${what}; the image was not rendered` }
}

function latin(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0))
}

/** Where a mark last stands within the last `within` bytes, or -1. */
function lastIndexOf(bytes: Uint8Array, mark: readonly number[], within: number): number {
  const least = Math.max(0, bytes.length - within)
  for (let at = bytes.lastIndexOf(mark[0]!); at >= least; at = bytes.lastIndexOf(mark[0]!, at - 1)) {
    if (mark.every((byte, offset) => bytes[at + offset] === byte)) return at
    if (at === 0) break
  }
  return -1
}
