import { der, isContext, parseDer } from '@zhicheng/crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  appendRaw,
  binary,
  buildPdf,
  createKeys,
  now,
  objectText,
  onePage,
  type RawRevision,
  type TestKeys,
  text,
} from '../../test/support.ts'
import { signPdf, verifyPdf } from '../pdf.ts'
import type { SignatureReport } from '../report.ts'

let keys: TestKeys
beforeAll(async () => {
  keys = await createKeys()
})

function sign(pdf: Uint8Array, options: { certify?: 1 | 2 | 3; field?: string } = {}): Promise<Uint8Array> {
  return signPdf(pdf, { signer: keys.signer, level: 'B-B', clock: keys.clock, ...options })
}

async function outcome(pdf: Uint8Array): Promise<SignatureReport> {
  return (await verifyPdf(pdf, { trust: keys.trust, crls: await keys.crls(), at: now })).signatures[0]!
}

async function outcomeAfter(pdf: Uint8Array, revision: RawRevision): Promise<SignatureReport> {
  return outcome(appendRaw(pdf, revision))
}

const failed = { verdict: 'TOTAL-FAILED', changes: { level: 'other' } }
const open = { verdict: 'INDETERMINATE', changes: { level: 'not-checked' } }

function stream(content: string, entries = ''): string {
  return `<< /Type /XObject /Subtype /Form /BBox [0 0 80 20] ${entries} /Length ${content.length} >>\nstream\n${content}\nendstream`
}

const fonts = '/Resources << /Font << /F1 5 0 R >> >>'
const shows = (drawn: string): string => `/Tx BMC BT /F1 12 Tf 2 2 Td (${drawn}) Tj ET EMC`

/** A page with one field that shows "A"; further objects follow from number 8 on. */
function formPage(field = '/FT /Tx /T (amount) /V (A)', more: readonly string[] = [], form = ''): Uint8Array {
  return buildPdf([
    `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /DR << /Font << /F1 5 0 R >> >> ${form} >> >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Annots [6 0 R] >>',
    '<< /Length 1 >>\nstream\nq\nendstream',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< /Type /Annot /Subtype /Widget ${field} /P 3 0 R /Rect [10 10 90 30] /DA (/F1 12 Tf) /AP << /N 7 0 R >> >>`,
    stream(shows('A'), fonts),
    ...more,
  ])
}

/** The field of {@link formPage} with the value B and another appearance. */
function filled(form: Uint8Array, appearance: string, more: Readonly<Record<number, string>> = {}): RawRevision {
  const field = objectText(form, 6).replace('/V (A)', '/V (B)').replace('7 0 R', '95 0 R')
  return { objects: { 6: field, 95: appearance, ...more } }
}

describe('a form whose settings are changed after it was signed', () => {
  it.each([
    ['a default appearance', '/DA (/F9 40 Tf)', 'form-filling', 'TOTAL-PASSED'],
    ['an alignment', '/Q 2', 'form-filling', 'TOTAL-PASSED'],
    ['the order to draw all fields anew', '/NeedAppearances true', 'not-checked', 'INDETERMINATE'],
  ])('is not called unchanged when it gets %s', async (_, entry, level, verdict) => {
    for (const certify of [2, 1] as const) {
      const form = await sign(formPage(), { certify })
      const catalog = objectText(form, 1).replace('/SigFlags', `${entry} /SigFlags`)
      expect(catalog).toContain(entry)
      expect(await outcomeAfter(form, { objects: { 1: catalog } })).toMatchObject({
        verdict: certify === 1 ? 'TOTAL-FAILED' : verdict,
        changes: { level },
      })
    }
  })

  it('is not called unchanged when its resources gain a font', async () => {
    const form = await sign(formPage())
    const catalog = objectText(form, 1).replace('/F1 5 0 R', '/F1 5 0 R /F9 5 0 R')
    expect(await outcomeAfter(form, { objects: { 1: catalog } })).toMatchObject({ changes: { level: 'form-filling' } })
  })
})

describe('a text field that is filled after it was signed', () => {
  it.each<[string, string]>([
    ['draws its value invisibly', stream(`${shows('B').replace('BT', 'BT 3 Tr')} 0 0 m 9 9 l 9 0 l f`, fonts)],
    ['draws letters as lines and areas', stream(`${shows('B')} 0 0 m 9 9 l 9 0 l f`, fonts)],
    ['paints over its value', stream(`${shows('B')} 1 g 0 0 80 20 re f`, fonts)],
    ['hides its value in a layer', stream(shows('B').replace('/Tx BMC', '/OC /L BDC'), fonts)],
    ['uses a font that its appearance does not name', stream(shows('B').replace('/F1', '/F9'), fonts)],
    ['draws in pictograms', stream(shows('B'), '/Resources << /Font << /F1 96 0 R >> >>')],
    ['brings a font of its own', stream(shows('B'), '/Resources << /Font << /F1 97 0 R >> >>')],
    ['has an encoding of experts', stream(shows('B'), '/Resources << /Font << /F1 99 0 R >> >>')],
  ])('is indeterminate when it %s', async (_, appearance) => {
    const form = await sign(formPage())
    const helvetica = '/Type /Font /Subtype /Type1 /BaseFont /Helvetica'
    const all: Record<number, string> = {
      96: '<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>',
      97: `<< ${helvetica} /FontDescriptor 98 0 R >>`,
      98: '<< /Type /FontDescriptor /FontName /Helvetica /FontFile 94 0 R >>',
      94: '<< /Length 1 >>\nstream\nq\nendstream',
      99: `<< ${helvetica} /Encoding /MacExpertEncoding >>`,
    }
    const used = appearance.includes('97 0 R') ? [97, 98, 94] : [96, 99].filter((n) => appearance.includes(`${n} 0 R`))
    const more = Object.fromEntries(used.map((number) => [number, all[number]!]))
    expect(await outcomeAfter(form, filled(form, appearance, more))).toMatchObject(open)
  })

  it('passes with a background, a frame and a clipped text', async () => {
    const form = await sign(formPage())
    const usual =
      '1 g 0 0 80 20 re f 0.5 0.5 79 19 re S /Tx BMC q 1 1 78 18 re W n BT /F1 12 Tf 0 g 2 2 Td (B) Tj ET Q EMC'
    expect(await outcomeAfter(form, filled(form, stream(usual, fonts)))).toMatchObject({
      verdict: 'TOTAL-PASSED',
      changes: { level: 'form-filling', findings: [] },
    })
  })

  it('is indeterminate when only its appearance changes, though the text of it does not', async () => {
    const form = await sign(formPage())
    const same = objectText(form, 6).replace('7 0 R', '95 0 R')
    const clipped = stream(shows('A'), fonts).replace('[0 0 80 20]', '[0 0 3 20]')
    expect(await outcomeAfter(form, { objects: { 6: same, 95: clipped } })).toMatchObject(open)
    const copied = { objects: { 6: same, 95: stream(shows('A'), fonts) } }
    expect(await outcomeAfter(form, copied)).toMatchObject({ verdict: 'TOTAL-PASSED' })
  })

  it('fails when it becomes an object of another type, or has no type of field', async () => {
    const form = await sign(formPage())
    const catalog = objectText(form, 6).replace('/Type /Annot', '/Type /Catalog')
    expect(await outcomeAfter(form, { objects: { 6: catalog } })).toMatchObject(failed)
    const untyped = await sign(formPage('/T (amount) /V (A)'))
    expect(await outcomeAfter(untyped, { objects: { 7: stream(shows('B'), fonts) } })).toMatchObject(failed)
  })

  it('fails when its name is written as a reference and a lock covers it', async () => {
    const lock = '/Lock << /Type /SigFieldLock /Action /Include /Fields [(amount)] >>'
    const base = text(formPage('/FT /Tx /T 9 0 R /V (A)')).replace('/Fields [6 0 R]', '/Fields [6 0 R 8 0 R]')
    const rebuilt = buildPdf([
      ...[...base.matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)].map((match) => match[1]!),
      `<< /FT /Sig /T (Sig1) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R ${lock} >>`,
      '(amount)',
    ])
    const form = await sign(rebuilt, { field: 'Sig1' })
    expect(await outcomeAfter(form, filled(form, stream(shows('B'), fonts)))).toMatchObject({
      verdict: 'TOTAL-FAILED',
      changes: { findings: [{ code: 'ERR_SEAL_CHANGES_FORBIDDEN' }] },
    })
  })
})

describe('a button that is filled after it was signed', () => {
  const box = '/FT /Btn /T (agree) /V /Off /AS /Off'
  const states = (form: Uint8Array): string => objectText(form, 6).replace('/N 7 0 R', '/N << /Yes 7 0 R >>')

  it('passes when it shows its value, and fails when it shows another one', async () => {
    const base = binary(text(formPage(box)))
    const objects = [...text(base).matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)].map((match) => match[1]!)
    const form = await sign(buildPdf(objects.map((object, at) => (at === 5 ? states(base) : object))))
    const set = (value: string, state: string): RawRevision => ({
      objects: { 6: objectText(form, 6).replace('/V /Off', `/V /${value}`).replace('/AS /Off', `/AS /${state}`) },
    })
    expect(await outcomeAfter(form, set('Yes', 'Yes'))).toMatchObject({
      verdict: 'TOTAL-PASSED',
      changes: { level: 'form-filling' },
    })
    expect(await outcomeAfter(form, set('Off', 'Yes'))).toMatchObject(failed)
    expect(await outcomeAfter(form, set('Yes', 'Off'))).toMatchObject(failed)
  })
})

describe('a signature field that is used after signing', () => {
  const widget = '/Type /Annot /Subtype /Widget /P 3 0 R /Rect [0 0 250 150]'

  /** A revision with a new field 93 and what else it needs. */
  function withField(pdf: Uint8Array, objects: Readonly<Record<number, string>>, annots = '93 0 R'): RawRevision {
    return {
      objects: {
        1: objectText(pdf, 1).replace('/Fields [', '/Fields [93 0 R '),
        3: objectText(pdf, 3).replace('/Annots [', `/Annots [${annots} `),
        ...objects,
      },
    }
  }

  it('is indeterminate when a field without a signature shows something (signature field forgery)', async () => {
    const signed = await sign(onePage(), { certify: 2 })
    const shown = withField(signed, { 93: `<< /FT /Sig /T (x) ${widget} /AP << /N 94 0 R >> >>`, 94: stream('q') })
    expect(await outcomeAfter(signed, shown)).toMatchObject(open)
    const captioned = withField(signed, { 93: `<< /FT /Sig /T (x) ${widget} /MK << /CA (forged) /BG [1] >> >>` })
    expect(await outcomeAfter(signed, captioned)).toMatchObject(open)
    const empty = withField(signed, { 93: `<< /FT /Sig /T (x) ${widget} >>` })
    expect(await outcomeAfter(signed, empty)).toMatchObject({
      verdict: 'TOTAL-PASSED',
      changes: { level: 'form-filling' },
    })
  })

  it('fails when fields of another kind hang below a new signature field, or it carries actions', async () => {
    const signed = await sign(onePage())
    const kid = `<< /FT /Tx /T (y) /V (forged) ${widget} /Parent 93 0 R >>`
    const nested = withField(signed, { 93: '<< /FT /Sig /T (x) /Kids [94 0 R] >>', 94: kid }, '94 0 R')
    expect(await outcomeAfter(signed, nested)).toMatchObject(failed)
    const acting = withField(
      signed,
      {
        93: '<< /FT /Sig /T (x) /Kids [94 0 R] /AA << /K << /S /JavaScript /JS (a) >> >> >>',
        94: `<< ${widget} /Parent 93 0 R >>`,
      },
      '94 0 R',
    )
    expect(await outcomeAfter(signed, acting)).toMatchObject(failed)
  })

  it('is no mere timestamp when it only calls itself one', async () => {
    const signed = await sign(onePage(), { certify: 1 })
    const value = '<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached >>'
    const invisible = widget.replace('[0 0 250 150]', '[0 0 0 0]')
    const revision = withField(signed, { 93: `<< /FT /Sig /T (x) /V 94 0 R ${invisible} >>`, 94: value })
    const reports = (await verifyPdf(appendRaw(signed, revision), { trust: keys.trust, at: now })).signatures
    expect(reports.find(({ name }) => name === 'Signature1')).toMatchObject({
      verdict: 'TOTAL-FAILED',
      changes: { level: 'form-filling' },
    })
  })

  it('fails when a widget gets a value of its own that no field of the form holds', async () => {
    const base = text(formPage('/FT /Sig /T (seal) /Kids [8 0 R]')).replace(
      /\/P 3 0 R \/Rect [\s\S]*?\/AP << \/N 7 0 R >>/,
      '',
    )
    const objects = [...base.matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)].map((match) => match[1]!)
    objects[5] = '<< /FT /Sig /T (seal) /Kids [8 0 R] >>'
    objects[6] = '<< /Length 1 >>\nstream\nq\nendstream'
    const form = await sign(buildPdf([...objects, `<< ${widget} /Parent 6 0 R >>`]))
    const fake = objectText(form, 8).replace('/Parent', '/V 94 0 R /AP << /N 95 0 R >> /Parent')
    const revision = { objects: { 8: fake, 94: '<< /Type /Sig >>', 95: stream('q') } }
    expect(await outcomeAfter(form, revision)).toMatchObject(failed)
  })
})

describe('evidence that is added later', () => {
  it('is not called no change when a VRI entry gets a time', async () => {
    const key = 'A'.repeat(40)
    const base = text(onePage()).replace('/Pages 2 0 R', `/Pages 2 0 R /DSS << /VRI << /${key} 6 0 R >> >>`)
    const objects = [...base.matchAll(/\d+ 0 obj\n([\s\S]*?)\nendobj/g)].map((match) => match[1]!)
    const signed = await sign(buildPdf([...objects, '<< /Type /VRI >>']))
    const revision = { objects: { 6: '<< /Type /VRI /TU (D:20200101000000Z) >>' } }
    expect(await outcomeAfter(signed, revision)).toMatchObject({ changes: { level: 'ltv' } })
  })
})

describe('a message that is put together from others', () => {
  /** The parts of the SignedData in a message. */
  const partsOf = (cms: Uint8Array): readonly Uint8Array[] =>
    parseDer(cms).children[1]!.children[0]!.children.map(({ bytes }) => bytes)

  /** Puts another message into the hole of a signed file. */
  async function replace(pdf: Uint8Array, change: (cms: Uint8Array) => Uint8Array): Promise<Uint8Array> {
    const before = text(pdf)
    const hex = /\/Contents <([0-9a-f]+)>/.exec(before)![1]!
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'))
    const length = 4 + bytes[2]! * 256 + bytes[3]!
    const made = Buffer.from(change(bytes.subarray(0, length))).toString('hex')
    expect(made.length).toBeLessThanOrEqual(hex.length)
    return binary(before.replace(hex, made.padEnd(hex.length, '0')))
  }

  it('fails with two signers, so that no timestamp over one proves the time of the other', async () => {
    const pdf = await signPdf(onePage(), {
      signer: keys.signer,
      level: 'B-T',
      timestamps: keys.timestamps,
      clock: keys.clock,
    })
    const forged = await replace(pdf, (cms) => {
      const parts = partsOf(cms)
      const [signer] = parseDer(parts.at(-1)!).children
      const bare = signer!.children.filter((node) => !isContext(node, 1)).map(({ bytes }) => bytes)
      const signers = der.setOf(signer!.bytes, der.sequence(bare))
      return der.sequence(parseDer(cms).children[0]!.bytes, der.explicit(0, der.sequence(parts.slice(0, -1), signers)))
    })
    expect(await outcome(forged)).toMatchObject({ verdict: 'TOTAL-FAILED', subIndication: 'FORMAT_FAILURE' })
  })

  it('counts a timestamp that was moved from another signature for nothing', async () => {
    const options = { signer: keys.signer, level: 'B-T', timestamps: keys.timestamps, clock: keys.clock } as const
    const [one, two] = [await signPdf(onePage(), options), await signPdf(onePage(), { ...options, reason: 'x' })]
    const unsigned = (cms: Uint8Array): Uint8Array =>
      parseDer(partsOf(cms).at(-1)!).children[0]!.children.find((node) => isContext(node, 1))!.bytes
    let stolen = new Uint8Array(0)
    await replace(one, (cms) => {
      stolen = unsigned(cms).slice()
      return cms
    })
    const forged = await replace(two, (cms) => {
      const parts = partsOf(cms)
      const signer = parseDer(parts.at(-1)!).children[0]!.children.map((node) =>
        isContext(node, 1) ? stolen : node.bytes,
      )
      return der.sequence(
        parseDer(cms).children[0]!.bytes,
        der.explicit(0, der.sequence(parts.slice(0, -1), der.setOf(der.sequence(signer)))),
      )
    })
    expect(await outcome(forged)).toMatchObject({ verdict: 'INDETERMINATE', level: 'B-B', timeSource: 'claimed' })
  })
})

describe('a later revision that readers see in different ways', () => {
  /** Appends objects 94 and 92 in object stream 90, listed by the cross-reference stream 91. */
  function appendContained(pdf: Uint8Array, places: readonly [number, number]): Uint8Array {
    const last = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text(pdf))![1])
    const bodies = ['<< /Producer (a) >>', '<< /Producer (b) >>']
    const header = `94 0 92 ${bodies[0]!.length + 1} `
    const data = `${header}${bodies.join(' ')}`
    const container = `90 0 obj\n<< /Type /ObjStm /N 2 /First ${header.length} /Length ${data.length} >>\nstream\n${data}\nendstream\nendobj\n`
    const start = pdf.length + container.length
    const row = (type: number, field: number, index: number): string =>
      String.fromCharCode(type, field >> 16, (field >> 8) & 255, field & 255, index)
    const rows = row(1, pdf.length, 0) + row(1, start, 0) + row(2, 90, places[1]) + row(2, 90, places[0])
    const keys = `/Type /XRef /W [1 3 1] /Index [90 3 94 1] /Size 95 /Root 1 0 R /Info 94 0 R /Prev ${last} /Length ${rows.length}`
    const table = `91 0 obj\n<< ${keys} >>\nstream\n${rows}\nendstream\nendobj\n`
    return binary(`${text(pdf)}${container}${table}startxref\n${start}\n%%EOF\n`)
  }

  it('fails when the cross-references swap the places of objects in an object stream', async () => {
    const signed = await sign(onePage())
    expect(await outcome(appendContained(signed, [0, 1]))).toMatchObject({
      verdict: 'TOTAL-PASSED',
      changes: { level: 'ltv' },
    })
    expect(await outcome(appendContained(signed, [1, 0]))).toMatchObject(failed)
  })

  it('fails when the stream of a hybrid file names another catalog', async () => {
    const signed = await sign(onePage())
    // An unused object gives the trailer a Size above the number of the stream.
    const idle = '<< /Producer (a) >>'
    const at = signed.length + `95 0 obj\n${idle}\nendobj\n`.length
    const hybrid = (root: string): Uint8Array => {
      const row = String.fromCharCode(1, at >> 16, (at >> 8) & 255, at & 255, 0)
      const keys = `/Type /XRef /W [1 3 1] /Index [90 1] /Size 96 /Root ${root} /Length 5`
      const loose = `90 0 obj\n<< ${keys} >>\nstream\n${row}\nendstream\nendobj\n`
      return appendRaw(signed, { objects: { 95: idle }, loose, trailer: `/XRefStm ${at}` })
    }
    expect(await outcome(hybrid('1 0 R'))).toMatchObject({ verdict: 'TOTAL-PASSED' })
    expect(await outcome(hybrid('2 0 R'))).toMatchObject(failed)
  })
})
