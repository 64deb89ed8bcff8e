import { fixedClock } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  appendRaw,
  binary,
  buildPdf,
  codeOf,
  createKeys,
  makePng,
  now,
  objectText,
  onePage,
  type RawRevision,
  type TestKeys,
  text,
} from '../../test/support.ts'
import { pictureSeal, signPdf, verifyPdf } from '../pdf.ts'
import type { SignatureReport, VerificationReport } from '../report.ts'

let keys: TestKeys
let signed: Uint8Array
beforeAll(async () => {
  keys = await createKeys()
  signed = await sign(onePage())
})

function sign(pdf: Uint8Array, options: { certify?: 1 | 2 | 3; field?: string } = {}): Promise<Uint8Array> {
  return signPdf(pdf, { signer: keys.signer, level: 'B-B', clock: keys.clock, ...options })
}

async function verify(pdf: Uint8Array): Promise<VerificationReport> {
  return verifyPdf(pdf, { trust: keys.trust, crls: await keys.crls(), at: now })
}

/** The report on the first signature, or the code of the refusal. */
async function outcome(pdf: Uint8Array): Promise<SignatureReport | string> {
  let report: VerificationReport | undefined
  const code = await codeOf(verify(pdf).then((value) => (report = value)))
  return code ?? report!.signatures[0]!
}

/** Replaces text of one length by text of the same length. */
function patch(pdf: Uint8Array, from: string, to: string): Uint8Array {
  const before = text(pdf)
  if (!before.includes(from)) throw new Error(`"${from}" is not in the file.`)
  return binary(before.replace(from, to.padEnd(from.length)))
}

const pageContent = '<< /Length 40 >>\nstream\nBT /F1 24 Tf 40 100 Td (FORGED) Tj ET     \nendstream'

describe('a signature that is broken by itself', () => {
  it('fails by its hash when a signed byte changes', async () => {
    expect(await outcome(patch(signed, '(HELLO)', '(JELLO)'))).toMatchObject({
      verdict: 'TOTAL-FAILED',
      subIndication: 'HASH_FAILURE',
    })
  })

  it('fails when its value is changed', async () => {
    const start = text(signed).indexOf('/Contents <') + 11
    const length = 8 + 2 * (Number.parseInt(text(signed).slice(start + 4, start + 8), 16) - 2)
    const broken = signed.slice()
    broken[start + length]! = broken[start + length] === 0x30 ? 0x31 : 0x30
    expect(await outcome(broken)).toMatchObject({ verdict: 'TOTAL-FAILED' })
  })

  it.each([
    ['empty Contents', /\/Contents <[0-9a-f]+>/, '/Contents <>'],
    ['null Contents', /\/Contents <[0-9a-f]+>/, '/Contents null'],
    ['no Contents', /\/Contents <[0-9a-f]+>/, ''],
    ['Contents of zeros', /\/Contents <[0-9a-f]+>/, '/Contents <00000000>'],
    ['a literal string as Contents', /\/Contents <[0-9a-f]+>/, '/Contents (abc)'],
    ['no ByteRange', /\/ByteRange \[[\d ]+\]/, ''],
    ['a null ByteRange', /\/ByteRange \[[\d ]+\]/, '/ByteRange null'],
    ['a ByteRange of two numbers', /\/ByteRange \[(\d+ +\d+)[\d ]+\]/, '/ByteRange [$1]'],
    ['a ByteRange of six numbers', /\/ByteRange \[([\d ]+)\]/, '/ByteRange [$1 1 1]'],
    ['a negative ByteRange', /\/ByteRange \[0/, '/ByteRange [-5'],
    ['a ByteRange beyond the end', /\/ByteRange \[(\d+ +\d+ +\d+ +)\d+/, '/ByteRange [$199999999'],
    ['two keys ByteRange', /\/ByteRange/, '/ByteRange [0 1 2 3] /ByteRange'],
  ])('fails with %s (universal forgery)', async (_, from, to) => {
    const forged = binary(
      text(signed).replace(from, (...match: string[]) => to.replace('$1', match[1] ?? '').padEnd(match[0]!.length)),
    )
    const result = await outcome(forged)
    if (typeof result === 'string') expect(result).toMatch(/^ERR_SEAL_PDF_/)
    else expect(result).toMatchObject({ verdict: 'TOTAL-FAILED', subIndication: 'FORMAT_FAILURE' })
  })

  it('fails when the gap holds more than the Contents (signature wrapping)', async () => {
    // The second range begins later, and what lies between is not covered by anything.
    const ranges = /\/ByteRange \[(\d+) +(\d+) +(\d+) +(\d+) *\]/.exec(text(signed))!
    const [whole, , open, close, rest] = ranges
    const moved = `/ByteRange [0 ${open} ${Number(close) + 40} ${Number(rest) - 40}`
    expect(await outcome(patch(signed, whole!.slice(0, -1), moved))).toMatchObject({ subIndication: 'FORMAT_FAILURE' })
  })

  it('fails when the signature is copied into another document', async () => {
    const other = buildPdf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] >>',
      '<< /Type /Page >>',
    ])
    const target = await sign(other)
    const contents = /\/Contents <[0-9a-f]+>/.exec(text(signed))![0]
    const own = /\/Contents <[0-9a-f]+>/.exec(text(target))![0]
    expect(contents.length).toBe(own.length)
    expect(await outcome(patch(target, own, contents))).toMatchObject({ subIndication: 'HASH_FAILURE' })
  })
})

describe('a document that changed after it was signed', () => {
  it.each<[string, () => RawRevision]>([
    ['the page content replaced (incremental saving)', () => ({ objects: { 4: pageContent } })],
    [
      'the page replaced',
      () => ({ objects: { 3: objectText(signed, 3).replace('/Contents 4 0 R', '/Contents 99 0 R'), 99: pageContent } }),
    ],
    ['a font replaced', () => ({ objects: { 5: '<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>' } })],
    ['a page added', () => ({ objects: { 2: '<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>' } })],
    ['another catalog', () => ({ root: '90 0 R', objects: { 90: objectText(signed, 1) } })],
    [
      'JavaScript added to the catalog',
      () => ({ objects: { 1: objectText(signed, 1).replace('<<', '<< /OpenAction << /S /JavaScript /JS (a) >> ') } }),
    ],
    ['an object deleted', () => ({ freed: [4] })],
    ['an object taken from an earlier place', () => ({ listed: { 4: text(signed).indexOf('5 0 obj') } })],
    ['an object that nothing refers to', () => ({ objects: { 91: pageContent } })],
    ['an object that is written but not listed', () => ({ objects: { 4: pageContent }, unlisted: [4] })],
    ['loose bytes between objects', () => ({ loose: '4 0 obj (x) endobj\n' })],
    ['an object hidden in a comment', () => ({ loose: '% 4 0 obj (x) endobj\n' })],
    ['bytes after the last %%EOF', () => ({ tail: '4 0 obj\n(x)\nendobj\n' })],
    [
      'an object hidden in a comment inside a listed object',
      () => ({ objects: { 1: `% 4 0 obj (x) endobj\n${objectText(signed, 1)}` } }),
    ],
    ['an object hidden in a comment of the trailer', () => ({ trailer: '\n% 4 0 obj (x) endobj\n' })],
    [
      'an object with a key twice',
      () => ({ objects: { 1: objectText(signed, 1).replace('/Pages 2 0 R', '/Pages 2 0 R /Pages 2 0 R') } }),
    ],
  ])('fails with %s', async (_, revision) => {
    const result = await outcome(appendRaw(signed, revision()))
    if (typeof result === 'string') expect(result).toMatch(/^ERR_SEAL_PDF_/)
    else {
      expect(result.verdict, JSON.stringify(result.changes)).toBe('TOTAL-FAILED')
      expect(result.changes).toMatchObject({
        level: 'other',
        findings: expect.arrayContaining([expect.objectContaining({ code: 'ERR_SEAL_CHANGES_UNEXPLAINED' })]),
      })
    }
  })

  it('is not called good when encryption is announced', async () => {
    const encrypted = appendRaw(signed, { trailer: '/Encrypt 92 0 R', objects: { 92: '<< /Filter /Standard >>' } })
    expect(await verify(encrypted)).toMatchObject({
      verdict: 'INDETERMINATE',
      findings: [{ code: 'ERR_SEAL_PDF_ENCRYPTED' }],
    })
  })

  it('fails when cross-references go around the signed revision', async () => {
    const base = onePage()
    const first = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text(base))![1])
    const around = appendRaw(signed, { objects: { 4: pageContent }, prev: first })
    const report = await verify(around)
    expect(report.verdict).toBe('TOTAL-FAILED')
  })

  it('fails when Reason is changed in a later revision (dictionary spoofing)', async () => {
    const withReason = await signPdf(onePage(), {
      signer: keys.signer,
      level: 'B-B',
      clock: keys.clock,
      reason: 'approved',
    })
    const number = Number(/(\d+) 0 obj\n<<\n\/Type \/Sig\n/.exec(text(withReason))![1])
    const spoofed = objectText(withReason, number).replace('(approved)', '(rejected)')
    expect(await outcome(appendRaw(withReason, { objects: { [number]: spoofed } }))).toMatchObject({
      subIndication: 'FORMAT_FAILURE',
    })
  })

  it('fails when an annotation is laid over the page', async () => {
    const page = objectText(signed, 3)
    const annots = /\/Annots \[([^\]]*)\]/.exec(page)![1]
    const revision = {
      objects: {
        3: page.replace(/\/Annots \[[^\]]*\]/, `/Annots [${annots} 93 0 R]`),
        93: '<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 200] /Contents (x) >>',
      },
    }
    expect(await outcome(appendRaw(signed, revision))).toMatchObject({
      verdict: 'TOTAL-FAILED',
      changes: { level: 'annotations' },
    })
    const certified = await sign(onePage(), { certify: 3 })
    const same = {
      ...revision,
      objects: { ...revision.objects, 3: objectText(certified, 3).replace('/Annots [', '/Annots [93 0 R ') },
    }
    expect(await outcome(appendRaw(certified, same))).toMatchObject({
      verdict: 'INDETERMINATE',
      changes: { level: 'annotations' },
    })
  })

  it('fails when the signed field is changed or removed', async () => {
    const number = Number(/(\d+) 0 obj\n<<\n\/FT \/Sig\n/.exec(text(signed))![1])
    const moved = objectText(signed, number).replace('/Rect [0 0 0 0]', '/Rect [0 0 300 200]')
    expect(await outcome(appendRaw(signed, { objects: { [number]: moved } }))).toMatchObject({
      verdict: 'TOTAL-FAILED',
    })
    const twice = await sign(signed)
    const catalog = objectText(twice, 1).replace(/\/Fields \[(\d+ 0 R) \d+ 0 R\]/, '/Fields [$1]')
    expect((await verify(appendRaw(twice, { objects: { 1: catalog } }))).verdict).toBe('TOTAL-FAILED')
  })

  it('lets a rewritten but equal object and document information pass', async () => {
    const info = appendRaw(signed, {
      objects: { 4: objectText(signed, 4), 94: '<< /Producer (Other) >>' },
      trailer: '/Info 94 0 R',
    })
    expect(await outcome(info)).toMatchObject({
      verdict: 'TOTAL-PASSED',
      changes: { level: 'ltv' },
      coverage: 'whole-revision',
    })
  })

  it('lets white space after the last %%EOF pass', async () => {
    expect(await outcome(binary(`${text(signed)}\r\n`))).toMatchObject({
      verdict: 'TOTAL-PASSED',
      coverage: 'whole-file',
    })
  })

  it('fails when a certification without changes is followed by a form fill', async () => {
    const certified = await sign(formPage(), { certify: 1 })
    const filled = objectText(certified, 6).replace('/V (A)', '/V (B)').replace('7 0 R', '95 0 R')
    const result = await outcome(appendRaw(certified, { objects: { 6: filled, 95: appearance('B') } }))
    expect(result).toMatchObject({ verdict: 'TOTAL-FAILED', changes: { level: 'form-filling' } })
  })
})

/** A page with a text field that shows "A". */
function formPage(lock = ''): Uint8Array {
  return buildPdf([
    '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /DR << /Font << /F1 5 0 R >> >> >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Annots [6 0 R] >>',
    '<< /Length 1 >>\nstream\nq\nendstream',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< /Type /Annot /Subtype /Widget /FT /Tx /T (amount) /V (A) /P 3 0 R /Rect [10 10 90 30] /DA (/F1 12 Tf) /AP << /N 7 0 R >> ${lock} >>`,
    appearance('A'),
  ])
}

function appearance(shown: string): string {
  const content = `/Tx BMC BT /F1 12 Tf 2 2 Td (${shown}) Tj ET EMC`
  return `<< /Type /XObject /Subtype /Form /BBox [0 0 80 20] /Resources << /Font << /F1 5 0 R >> >> /Length ${content.length} >>\nstream\n${content}\nendstream`
}

describe('a form that is filled after it was signed', () => {
  it('is form filling when the field shows its value', async () => {
    const form = await sign(formPage())
    const filled = objectText(form, 6).replace('/V (A)', '/V (B)').replace('7 0 R', '95 0 R')
    expect(await outcome(appendRaw(form, { objects: { 6: filled, 95: appearance('B') } }))).toMatchObject({
      verdict: 'TOTAL-PASSED',
      changes: { level: 'form-filling', findings: [] },
    })
  })

  it('fails when the field shows something else than its value (shadow "replace")', async () => {
    const form = await sign(formPage())
    const swapped = objectText(form, 6).replace('7 0 R', '95 0 R')
    expect(await outcome(appendRaw(form, { objects: { 6: swapped, 95: appearance('B') } }))).toMatchObject({
      verdict: 'TOTAL-FAILED',
      changes: { level: 'other' },
    })
  })

  it('is indeterminate when nobody can tell what the field shows', async () => {
    const form = await sign(formPage())
    const filled = objectText(form, 6).replace('/V (A)', '/V (B)').replace('7 0 R', '95 0 R')
    const drawn = appearance('B').replace('/Font << /F1 5 0 R >>', '/Font << /F1 << /Type /Font /Subtype /Type3 >> >>')
    expect(await outcome(appendRaw(form, { objects: { 6: filled, 95: drawn } }))).toMatchObject({
      verdict: 'INDETERMINATE',
      subIndication: 'SIG_CONSTRAINTS_FAILURE',
      changes: { level: 'not-checked' },
    })
  })

  it('fails when an overridden appearance is also used elsewhere', async () => {
    const base = text(formPage()).replace('/Annots [6 0 R]', '/Resources << /XObject << /X 7 0 R >> >> /Annots [6 0 R]')
    const rebuilt = buildPdf([...base.matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)].map((match) => match[1]!))
    const form = await sign(rebuilt)
    const filled = objectText(form, 6).replace('/V (A)', '/V (B)')
    expect(await outcome(appendRaw(form, { objects: { 6: filled, 7: appearance('B') } }))).toMatchObject({
      verdict: 'TOTAL-FAILED',
      changes: { level: 'other' },
    })
  })

  it('fails when a dangling reference of the signed document is brought to life', async () => {
    const base = text(formPage()).replace('/Contents 4 0 R', '/Contents [4 0 R 96 0 R]')
    const rebuilt = buildPdf([...base.matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)].map((match) => match[1]!))
    const form = await sign(rebuilt)
    expect(await outcome(appendRaw(form, { objects: { 96: pageContent } }))).toMatchObject({ verdict: 'TOTAL-FAILED' })
  })

  it('fails when a lock of a signature covers the field', async () => {
    const lock = '/Lock << /Type /SigFieldLock /Action /All >>'
    const base = text(formPage()).replace('/Fields [6 0 R]', `/Fields [6 0 R 8 0 R]`)
    const objects = [...base.matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)].map((match) => match[1]!)
    const rebuilt = buildPdf([
      ...objects,
      `<< /FT /Sig /T (Sig1) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R ${lock} >>`,
    ])
    const form = await sign(rebuilt, { field: 'Sig1' })
    expect(text(form)).toContain('/TransformMethod /FieldMDP')
    const filled = objectText(form, 6).replace('/V (A)', '/V (B)').replace('7 0 R', '95 0 R')
    const result = await outcome(appendRaw(form, { objects: { 6: filled, 95: appearance('B') } }))
    expect(result).toMatchObject({ verdict: 'TOTAL-FAILED', changes: { level: 'form-filling' } })
    expect(await codeOf(sign(form))).toBe('ERR_SEAL_CHANGES_FORBIDDEN')
  })
})

describe('a visible field that is added later', () => {
  it('is mentioned, and is not passed when it is large enough to hide a page', async () => {
    const seal = pictureSeal({ data: makePng(2, 2), width: 40, height: 40 })
    const options = { signer: keys.signer, level: 'B-B', clock: keys.clock } as const
    const small = await signPdf(signed, { ...options, visible: { page: 1, x: 10, y: 10, width: 60, height: 60, seal } })
    expect(await outcome(small)).toMatchObject({
      verdict: 'TOTAL-PASSED',
      changes: { level: 'form-filling', findings: [{ code: 'SEAL_CHANGE_REMARK' }] },
    })
    const large = await signPdf(signed, { ...options, visible: { page: 1, x: 0, y: 0, width: 300, height: 300, seal } })
    expect(await outcome(large)).toMatchObject({ verdict: 'INDETERMINATE', changes: { level: 'not-checked' } })
  })
})

describe('trust', () => {
  it('is never assumed: without trusted certificates nothing is TOTAL-PASSED', async () => {
    const { verdict, signatures } = await verifyPdf(signed)
    expect(verdict).toBe('INDETERMINATE')
    expect(signatures[0]).toMatchObject({
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
      chain: { status: 'not-checked', trustedBy: null },
      revocation: { status: 'not-checked', source: null, at: null },
      timeSource: 'claimed',
    })
  })

  it('is indeterminate without revocation data, and after expiry without a timestamp', async () => {
    expect((await verifyPdf(signed, { trust: keys.trust, at: now })).signatures[0]).toMatchObject({
      verdict: 'INDETERMINATE',
      subIndication: 'TRY_LATER',
    })
    const later = new Date('2040-01-01T00:00:00Z')
    const crls = await keys.crls()
    expect((await verifyPdf(signed, { trust: keys.trust, crls, at: later })).signatures[0]).toMatchObject({
      subIndication: 'OUT_OF_BOUNDS_NO_POE',
    })
  })

  it('ends with revocation: indeterminate without proof of time, passed when a timestamp came before', async () => {
    const own = await createKeys()
    const options = { signer: own.signer, clock: own.clock }
    const plain = await signPdf(onePage(), { ...options, level: 'B-B' })
    const stamped = await signPdf(onePage(), { ...options, level: 'B-T', timestamps: own.timestamps })
    const hour = 3_600_000
    own.authority.revoke(own.signer.certificateChain[0].serialNumber, new Date(now.getTime() + hour))
    const settings = { trust: own.trust, crls: await own.crls(), at: new Date(now.getTime() + 2 * hour) }
    expect((await verifyPdf(plain, settings)).signatures[0]).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
    expect((await verifyPdf(stamped, settings)).signatures[0]).toMatchObject({
      verdict: 'TOTAL-PASSED',
      timeSource: 'timestamp',
    })
    own.authority.revoke(own.signer.certificateChain[0].serialNumber, new Date(now.getTime() - hour))
    expect((await verifyPdf(stamped, { ...settings, crls: await own.crls() })).signatures[0]).toMatchObject({
      verdict: 'TOTAL-FAILED',
      subIndication: 'REVOKED',
    })
  })

  it('says so when nobody trusts the authority of a timestamp, and counts the signature as B-B', async () => {
    const stranger = await createKeys()
    const options = { signer: keys.signer, clock: keys.clock, level: 'B-T' } as const
    const stamped = await signPdf(onePage(), { ...options, timestamps: stranger.timestamps })
    const [report] = (await verify(stamped)).signatures
    expect(report).toMatchObject({
      verdict: 'TOTAL-PASSED',
      level: 'B-B',
      timeSource: 'claimed',
      findings: [{ code: 'SEAL_TIMESTAMP_UNTRUSTED', severity: 'warning' }],
    })
    const [unasked] = (await verifyPdf(stamped)).signatures
    expect(unasked).toMatchObject({ verdict: 'INDETERMINATE', level: 'B-T', findings: [] })
    const trust = [...keys.trust, ...stranger.trust]
    const [open] = (await verifyPdf(stamped, { trust, crls: await keys.crls(), at: now })).signatures
    expect(open).toMatchObject({
      level: 'B-T',
      timeSource: 'timestamp',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'SEAL_TIMESTAMP_REVOCATION_UNKNOWN' })]),
    })
  })

  it('says so when the authority of a timestamp is revoked or outside of its dates', async () => {
    const own = await createKeys()
    const options = { signer: own.signer, clock: own.clock, level: 'B-T' } as const
    const stamped = await signPdf(onePage(), { ...options, timestamps: own.timestamps })
    own.authority.revoke(own.tsa.certificateChain[0].serialNumber, new Date(now.getTime() - 3_600_000))
    const [report] = (await verifyPdf(stamped, { trust: own.trust, crls: await own.crls(), at: now })).signatures
    expect(report).toMatchObject({
      level: 'B-B',
      timeSource: 'claimed',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'SEAL_TIMESTAMP_UNTRUSTED' })]),
    })
    const late = await createKeys('ec-p256', { timestampClock: fixedClock(new Date('2046-01-01T00:00:00Z')) })
    const expired = await signPdf(onePage(), { ...options, signer: late.signer, timestamps: late.timestamps })
    const settings = { trust: late.trust, crls: await late.crls(), at: now }
    expect((await verifyPdf(expired, settings)).signatures[0]).toMatchObject({
      level: 'B-B',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'SEAL_TIMESTAMP_UNTRUSTED' })]),
    })
  })

  it('does not take a timestamp of another signature', async () => {
    const stolen = await keys.timestamps.timestamp({ algorithm: 'sha256', value: new Uint8Array(32) })
    const forged = await signPdf(onePage(), {
      signer: keys.signer,
      level: 'B-T',
      clock: keys.clock,
      timestamps: { timestamp: async () => stolen },
    }).catch((error: { code: string }) => error.code)
    if (typeof forged === 'string') expect(forged).toMatch(/^ERR_/)
    else expect(await outcome(forged)).toMatchObject({ verdict: 'INDETERMINATE', level: 'B-B', timeSource: 'claimed' })
  })
})

describe('a file without signatures', () => {
  it('is TOTAL-FAILED, because nothing was shown to be good', async () => {
    expect(await verifyPdf(onePage())).toMatchObject({
      verdict: 'TOTAL-FAILED',
      findings: [{ code: 'ERR_SEAL_NO_SIGNATURE' }],
      signatures: [],
    })
  })

  it('is refused when it is not a PDF', async () => {
    expect(await codeOf(verifyPdf(binary('hello')))).toBe('ERR_SEAL_PDF_MALFORMED')
    expect(await codeOf(verifyPdf(new Uint8Array(0)))).toBe('ERR_SEAL_PDF_MALFORMED')
  })
})
