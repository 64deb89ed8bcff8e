/** What the tests of this package share: keys, tools, material, and raw revisions appended by hand. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { type Clock, fixedClock, isZhichengError } from '@zhicheng/core'
import {
  answerTimestampRequest,
  type Certificate,
  type CertificateList,
  createTimestampSource,
  parseCertificateList,
  type Signer,
  type TimestampSource,
} from '@zhicheng/crypto'
import { createTestAuthority, type TestAuthority } from '@zhicheng/crypto/testing'

/** The moment at which the tests take place. */
export const now: Date = new Date('2026-11-24T08:00:00+08:00')

/** Keys of a test authority and what verifies them. */
export interface TestKeys {
  readonly authority: TestAuthority
  readonly clock: Clock
  readonly signer: Signer & { readonly privateKeyPem: string }
  /** The timestamp authority. */
  readonly tsa: Signer
  readonly timestamps: TimestampSource
  readonly trust: readonly Certificate[]
  crls(): Promise<CertificateList[]>
}

/** Makes an authority, a document signer and a timestamp authority. */
export async function createKeys(
  algorithm: 'rsa-2048' | 'ec-p256' | 'sm2' = 'ec-p256',
  { timestampClock = fixedClock(now) }: { timestampClock?: Clock } = {},
): Promise<TestKeys> {
  const clock = fixedClock(now)
  const authority = await createTestAuthority({ algorithm, name: '样例根', clock })
  const signer = await authority.createSigner({ commonName: '样例签章证书', profile: 'document-signing' })
  const tsa = await authority.createSigner({ commonName: '样例时间戳', profile: 'timestamping' })
  let serial = 0n
  const timestamps = createTimestampSource({
    send: (request) =>
      answerTimestampRequest(request, {
        signer: tsa,
        policy: '1.2.3.4.1',
        clock: timestampClock,
        serial: () => {
          serial += 1n
          return serial
        },
      }),
  })
  return {
    authority,
    clock,
    signer,
    tsa,
    timestamps,
    trust: [authority.certificate],
    crls: async () => [parseCertificateList(await authority.currentCrl())],
  }
}

/** A font with simplified Chinese characters (OFL-1.1). */
export function chineseFont(): Uint8Array {
  const require = createRequire(new URL('../../zhicheng/package.json', import.meta.url))
  return new Uint8Array(
    readFileSync(require.resolve('@fontsource/noto-serif-sc/files/noto-serif-sc-chinese-simplified-400-normal.woff2')),
  )
}

/** True if a command is here; on a build server a missing one is an error. */
export function hasTool(command: string): boolean {
  const found = spawnSync('which', [command]).status === 0
  if (!found && process.env['CI'] === 'true') throw new Error(`${command} is not installed, and CI wants it.`)
  return found
}

/** Folder of the PDF material, or undefined; on a build server it has to be there. */
export function pdfMaterial(): string | undefined {
  const root = process.env['ZHICHENG_MATERIAL']
  if (!root && process.env['CI'] === 'true') throw new Error('ZHICHENG_MATERIAL is not set, and CI wants the material.')
  return root ? join(root, 'seal-pdf') : undefined
}

/** Runs a command over bytes written to a file; `%` in the arguments stands for that file. */
export function runTool(
  command: string,
  args: readonly string[],
  files: Uint8Array | Readonly<Record<string, Uint8Array | string>>,
): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'zhicheng-seal-'))
  try {
    const given = files instanceof Uint8Array ? { '%': files } : files
    let whole = [...args]
    for (const [name, content] of Object.entries(given)) {
      const path = join(folder, name === '%' ? 'file.pdf' : name)
      writeFileSync(path, content)
      whole = whole.map((argument) => (argument === name ? path : argument))
    }
    const { status, stdout, stderr } = spawnSync(command, whole, { encoding: 'utf8' })
    return { status, output: `${stdout}${stderr}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The code of the error that a promise is rejected with; undefined when it is fulfilled. */
export async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    if (isZhichengError(error)) return error.code
    throw error
  }
}

/** Bytes of a text of characters below 256. */
export function binary(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

/** Text of bytes, one character each. */
export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/** A small PDF of the objects given, numbered from 1, with a classic table. Object 1 is the catalog. */
export function buildPdf(objects: readonly string[], trailer = ''): Uint8Array {
  let body = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const start = body.length
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const offset of offsets) body += `${String(offset).padStart(10, '0')} 00000 n \n`
  return binary(
    `${body}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`,
  )
}

/** One page with the text "HELLO". */
export function onePage(): Uint8Array {
  const content = 'BT /F1 24 Tf 40 100 Td (HELLO) Tj ET'
  return buildPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ])
}

/** How {@link appendRaw} departs from a proper update. */
export interface RawRevision {
  /** Object number and its text between `obj` and `endobj`. */
  objects?: Readonly<Record<number, string>>
  /** Numbers that are written but not listed in the cross-references. */
  unlisted?: readonly number[]
  /** Text between the objects and the cross-references. */
  loose?: string
  /** Entries of the trailer; Size, Root and Prev come by themselves. */
  trailer?: string
  root?: string
  /** Offset for Prev in place of the last one. */
  prev?: number
  /** Entries that are listed without being written: number and offset. */
  listed?: Readonly<Record<number, number>>
  /** Numbers to mark as free. */
  freed?: readonly number[]
  tail?: string
}

/** Appends a revision written by hand to a file with classic tables. */
export function appendRaw(pdf: Uint8Array, revision: RawRevision): Uint8Array {
  const before = text(pdf)
  const last = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(before)![1])
  const root = /\/Root\s+(\d+ \d+ R)/.exec(before.slice(last))![1]
  const size = Number(/\/Size\s+(\d+)/.exec(before.slice(last))![1])
  let body = before.endsWith('\n') ? '' : '\n'
  const entries = new Map<number, string>()
  const numbers = Object.keys(revision.objects ?? {}).map(Number)
  for (const number of numbers) {
    const offset = pdf.length + body.length
    body += `${number} 0 obj\n${revision.objects![number]}\nendobj\n`
    if (!revision.unlisted?.includes(number)) entries.set(number, `${String(offset).padStart(10, '0')} 00000 n \n`)
  }
  for (const [number, offset] of Object.entries(revision.listed ?? {})) {
    entries.set(Number(number), `${String(offset).padStart(10, '0')} 00000 n \n`)
  }
  for (const number of revision.freed ?? []) entries.set(number, '0000000000 00001 f \n')
  body += revision.loose ?? ''
  const start = pdf.length + body.length
  const sorted = [...entries].sort(([left], [right]) => left - right)
  const table = sorted.map(([number, entry]) => `${number} 1\n${entry}`).join('')
  const newSize = Math.max(size, ...numbers.map((number) => number + 1))
  body += `xref\n0 1\n0000000000 65535 f \n${table}trailer\n<< /Size ${newSize} /Root ${revision.root ?? root} /Prev ${revision.prev ?? last} ${revision.trailer ?? ''} >>\nstartxref\n${start}\n%%EOF\n${revision.tail ?? ''}`
  return binary(before + body)
}

/** The text of an object as it stands last in a file, between `obj` and `endobj`. */
export function objectText(pdf: Uint8Array, number: number): string {
  const matches = [...text(pdf).matchAll(new RegExp(`(?:^|\\n)${number} 0 obj\\n([\\s\\S]*?)\\nendobj`, 'g'))]
  return matches.at(-1)![1]!
}

/** Runs openssl with text input and gives its output. */
export function openssl(args: readonly string[], input?: Uint8Array): Buffer {
  return execFileSync('openssl', [...args], { input, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** A PNG with transparency: half red, half clear. */
export function makePng(width: number, height: number): Uint8Array {
  const rows = Buffer.alloc(height * (1 + width * 4))
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set([206, 20, 28, x % 2 === 0 ? 255 : 0], y * (1 + width * 4) + 1 + x * 4)
  }
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  return new Uint8Array(Buffer.concat(parts))
}

/** CRC-32 as PNG uses it; Node has it built in only from 22.2 on. */
function crc32(bytes: Uint8Array): number {
  let state = 0xffffffff
  for (const byte of bytes) {
    state ^= byte
    for (let bit = 0; bit < 8; bit += 1) state = state & 1 ? (state >>> 1) ^ 0xedb88320 : state >>> 1
  }
  return (state ^ 0xffffffff) >>> 0
}
