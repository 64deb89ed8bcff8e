import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ByteSource } from '@zhicheng/core'
import { der, formatCertificatePem, isContext, parseDer } from '@zhicheng/crypto'
import { PDFDocument } from 'pdf-lib'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  codeOf,
  createKeys,
  hasTool,
  makePng,
  now,
  onePage,
  pdfMaterial,
  runTool,
  type TestKeys,
} from '../../test/support.ts'
import { openPdf } from '../lib/pdf/document.ts'
import { findSignatures } from '../lib/pdf/signature-range.ts'
import { pictureSeal, signPdf, verifyPdf } from '../pdf.ts'

let keys: TestKeys
beforeAll(async () => {
  keys = await createKeys()
})

/** The same token with its certificates forty times: they are not signed, so it stays valid and becomes long. */
function repeatCertificates(token: Uint8Array): Uint8Array {
  const [type, wrapped] = parseDer(token).children
  const parts = wrapped!.children[0]!.children.map((part) =>
    isContext(part, 0) ? der.explicit(0, ...Array.from({ length: 40 }, () => part.content)) : part.bytes,
  )
  return der.sequence(type!.bytes, der.explicit(0, der.sequence(...parts)))
}

const tinyPng = makePng(2, 2)

/** The message in the hole of the last signature, and the bytes it is over. */
async function extract(pdf: Uint8Array): Promise<{ cms: Uint8Array; covered: Uint8Array }> {
  const found = await findSignatures(await openPdf(pdf))
  const { contents, range } = found.toSorted((left, right) => right.range!.end - left.range!.end)[0]!
  const length = 4 + contents[2]! * 256 + contents[3]!
  const covered = new Uint8Array([...pdf.subarray(0, range!.open), ...pdf.subarray(range!.close, range!.end)])
  return { cms: contents.subarray(0, length), covered }
}

describe('signing a PDF', () => {
  it('leaves every byte of the input as it was and covers the whole file', async () => {
    const pdf = onePage()
    const signed = await signPdf(pdf, { signer: keys.signer, level: 'B-B', clock: keys.clock })
    expect(signed.subarray(0, pdf.length)).toEqual(pdf)
    const [found] = await findSignatures(await openPdf(signed))
    expect(found!.range!.end).toBe(signed.length)
    expect(found!.claimedTime).toEqual(now)
  })

  it('reaches TOTAL-PASSED at B-T with a trusted timestamp and a revocation list', async () => {
    const signed = await signPdf(onePage(), {
      signer: keys.signer,
      level: 'B-T',
      timestamps: keys.timestamps,
      clock: keys.clock,
    })
    const report = await verifyPdf(signed, { trust: keys.trust, crls: await keys.crls(), at: now, file: 'a.pdf' })
    expect(report).toMatchObject({ file: 'a.pdf', format: 'pdf', verdict: 'TOTAL-PASSED', findings: [] })
    expect(report.signatures[0]).toMatchObject({
      kind: 'signature',
      verdict: 'TOTAL-PASSED',
      subIndication: null,
      level: 'B-T',
      signedAt: '2026-11-24T08:00:00+08:00',
      timeSource: 'timestamp',
      algorithm: 'ecdsa-p256-sha256',
      coverage: 'whole-file',
      changes: { level: 'none', findings: [] },
      chain: { status: 'trusted' },
      revocation: { status: 'good', source: 'given' },
    })
  })

  it('gives the same file through a source and a sink as through memory', async () => {
    const pdf = onePage()
    const source: ByteSource = {
      size: pdf.length,
      read: async (offset, length) => pdf.subarray(offset, offset + length),
    }
    const chunks: Uint8Array[] = []
    const rest = await signPdf(source, {
      signer: keys.signer,
      level: 'B-B',
      clock: keys.clock,
      sink: (chunk) => {
        chunks.push(chunk.slice())
      },
    })
    expect(rest.length).toBe(0)
    const whole = new Uint8Array(chunks.flatMap((chunk) => [...chunk]))
    expect((await verifyPdf(whole)).signatures[0]).toMatchObject({ coverage: 'whole-file', verdict: 'INDETERMINATE' })
  })

  it('lays out again when the timestamp is longer than the room left for it', async () => {
    let sizes = 0
    const signed = await signPdf(onePage(), {
      signer: keys.signer,
      level: 'B-T',
      clock: keys.clock,
      timestamps: {
        async timestamp(imprint, options) {
          sizes += 1
          const token = await keys.timestamps.timestamp(imprint, options)
          return repeatCertificates(token)
        },
      },
    })
    expect(sizes).toBe(2)
    expect((await verifyPdf(signed)).signatures[0]!.level).toBe('B-T')
  })

  it('refuses what earlier signatures forbid, and says which rule it was', async () => {
    const signed = { signer: keys.signer, level: 'B-B', clock: keys.clock } as const
    const certified = await signPdf(onePage(), { ...signed, certify: 1 })
    expect(await codeOf(signPdf(certified, signed))).toBe('ERR_SEAL_CHANGES_FORBIDDEN')
    const approved = await signPdf(onePage(), signed)
    expect(await codeOf(signPdf(approved, { ...signed, certify: 2 }))).toBe('ERR_SEAL_CERTIFY_NOT_FIRST')
    expect(await codeOf(signPdf(approved, { ...signed, field: 'Signature1' }))).toBe('ERR_SEAL_FIELD_SIGNED')
    expect(await codeOf(signPdf(approved, { ...signed, field: 'a.b' }))).toBe('ERR_SEAL_FIELD_NAME')
    expect(await codeOf(signPdf(onePage(), { ...signed, level: 'B-T' }))).toBe('ERR_SEAL_TIMESTAMPS_MISSING')
    const seal = pictureSeal({ data: tinyPng, width: 40, height: 40 })
    const visible = { page: 2, x: 0, y: 0, width: 50, height: 50, seal }
    expect(await codeOf(signPdf(onePage(), { ...signed, visible }))).toBe('ERR_SEAL_PAGE_NOT_FOUND')
  })

  it('certifies with form filling allowed and lets a second signature follow', async () => {
    const options = { signer: keys.signer, level: 'B-B', clock: keys.clock } as const
    const certified = await signPdf(onePage(), { ...options, certify: 2 })
    const twice = await signPdf(certified, options)
    const { signatures } = await verifyPdf(twice, { trust: keys.trust, crls: await keys.crls(), at: now })
    expect(signatures.map(({ verdict, coverage, changes }) => [verdict, coverage, changes.level])).toEqual([
      ['TOTAL-PASSED', 'whole-revision', 'form-filling'],
      ['TOTAL-PASSED', 'whole-file', 'none'],
    ])
  })

  it('signs with RSA and SM2 as well', async () => {
    for (const [algorithm, expected] of [
      ['rsa-2048', 'rsa-sha256'],
      ['sm2', 'sm2-sm3'],
    ] as const) {
      const other = await createKeys(algorithm)
      const signed = await signPdf(onePage(), {
        signer: other.signer,
        level: 'B-T',
        timestamps: other.timestamps,
        clock: other.clock,
      })
      const report = await verifyPdf(signed, { trust: other.trust, crls: await other.crls(), at: now })
      expect(report.signatures[0]).toMatchObject({ verdict: 'TOTAL-PASSED', algorithm: expected, level: 'B-T' })
    }
  })

  it('keeps what the page shows and lets others edit the result', async () => {
    const pdf = onePage()
    const signed = await signPdf(pdf, { signer: keys.signer, level: 'B-B', clock: keys.clock, reason: '发证' })
    const opened = await PDFDocument.load(signed)
    expect(opened.getPageCount()).toBe(1)
    expect(
      opened
        .getForm()
        .getFields()
        .map((field) => field.getName()),
    ).toEqual(['Signature1'])
  })
})

describe.skipIf(!hasTool('pdfsig') || !hasTool('qpdf') || !hasTool('mutool'))(
  'readers of others (needs pdfsig, qpdf, mutool)',
  () => {
    it('poppler finds the signature valid and the whole document signed, twice over', async () => {
      const once = await signPdf(onePage(), {
        signer: keys.signer,
        level: 'B-T',
        timestamps: keys.timestamps,
        clock: keys.clock,
      })
      const first = runTool('pdfsig', ['-nocert', '%'], once).output
      expect(first).toContain('Signature is Valid')
      expect(first).toContain('- Total document signed')
      const twice = await signPdf(once, { signer: keys.signer, level: 'B-B', clock: keys.clock })
      const second = runTool('pdfsig', ['-nocert', '%'], twice).output
      expect(second.match(/Signature is Valid/g)).toHaveLength(2)
      expect(second).toContain('- Not total document signed')
      expect(second).toContain('- Total document signed')
    })

    it('qpdf and mupdf have nothing to complain about', async () => {
      const seal = pictureSeal({ data: tinyPng, width: 40, height: 40 })
      const visible = { page: 1, x: 20, y: 20, width: 80, height: 80, seal }
      const signed = await signPdf(onePage(), { signer: keys.signer, level: 'B-B', clock: keys.clock, visible })
      const check = runTool('qpdf', ['--check', '%'], signed)
      expect(check.status, check.output).toBe(0)
      expect(check.output).not.toMatch(/WARNING/)
      const draw = runTool('mutool', ['draw', '-F', 'txt', '%'], signed)
      expect(draw.status).toBe(0)
      expect(draw.output).toContain('HELLO')
      expect(draw.output.replace('warning: ICC support is not available', '')).not.toMatch(/warning|error/)
    })
  },
)

describe.skipIf(!hasTool('openssl'))('openssl (needs openssl)', () => {
  it('accepts the CMS as CAdES over exactly the covered bytes', async () => {
    const signed = await signPdf(onePage(), {
      signer: keys.signer,
      level: 'B-T',
      timestamps: keys.timestamps,
      clock: keys.clock,
    })
    const { cms, covered } = await extract(signed)
    const files = { 'cms.der': cms, content: covered, ca: formatCertificatePem(keys.authority.certificate) }
    const args = [
      'cms',
      '-verify',
      '-cades',
      '-binary',
      '-inform',
      'DER',
      '-in',
      'cms.der',
      '-content',
      'content',
      '-CAfile',
      'ca',
    ]
    const result = runTool(
      'openssl',
      [...args, '-purpose', 'any', '-attime', String(now.getTime() / 1000), '-out', '/dev/null'],
      files,
    )
    expect(result.output).toContain('successful')
    expect(result.status).toBe(0)
    const other = covered.slice()
    other[20]! ^= 1
    expect(
      runTool('openssl', [...args, '-noverify', '-out', '/dev/null'], { ...files, content: other }).status,
    ).not.toBe(0)
  })
})

const material = pdfMaterial()
describe.skipIf(!material || !hasTool('pdfsig') || !hasTool('qpdf') || !hasTool('pdftotext'))(
  'inputs made by others (needs ZHICHENG_MATERIAL and tools)',
  () => {
    const inputs = [
      'pyh__minimal.pdf',
      'pyh__minimal-xref.pdf',
      'pyh__minimal-hybrid-xref.pdf',
      'pyh__minimal-two-fields.pdf',
      'pyh__minimal-pdf-ua-and-a.pdf',
      'pdfbox_sign_me.pdf',
      'pdfbox_sign_me_tsa.pdf',
      'pdfbox_sign_me_visible.pdf',
    ]
    it.each(inputs)('signs %s twice, and all readers agree', async (name) => {
      const pdf = new Uint8Array(readFileSync(join(material!, name)))
      const options = { signer: keys.signer, level: 'B-B', clock: keys.clock } as const
      const once = await signPdf(pdf, { ...options, ...(name.includes('two-fields') ? { field: 'Sig2' } : {}) })
      const twice = await signPdf(once, options)
      expect(twice.subarray(0, once.length)).toEqual(once)
      expect(once.subarray(0, pdf.length)).toEqual(pdf)
      const seen = runTool('pdfsig', ['-nocert', '%'], twice).output
      expect(seen.match(/Signature is Valid/g)).toHaveLength(2)
      const check = runTool('qpdf', ['--check', '%'], twice)
      expect(check.status, check.output).toBe(0)
      const words = (bytes: Uint8Array): string => runTool('pdftotext', ['%', '-'], bytes).output
      expect(words(twice)).toBe(words(pdf))
      const report = await verifyPdf(twice, { trust: keys.trust, crls: await keys.crls(), at: now })
      expect(report.verdict).toBe('TOTAL-PASSED')
    })

    it.each([
      'pyh__minimal-aes256.pdf',
      'pyh__minimal-rc4.pdf',
      'dssx__edition_protected_signing_allowed_with_field.pdf',
    ])('refuses the encrypted %s', async (name) => {
      const pdf = new Uint8Array(readFileSync(join(material!, name)))
      expect(await codeOf(signPdf(pdf, { signer: keys.signer, level: 'B-B' }))).toBe('ERR_SEAL_PDF_ENCRYPTED')
      expect(await verifyPdf(pdf)).toMatchObject({ verdict: 'INDETERMINATE', signatures: [] })
    })

    it('keeps a signature of another maker acceptable', async () => {
      const pdf = new Uint8Array(readFileSync(join(material!, 'dss__pdf-signed-original.pdf')))
      const signed = await signPdf(pdf, { signer: keys.signer, level: 'B-B', clock: keys.clock })
      const { signatures } = await verifyPdf(signed)
      expect(signatures.map(({ subIndication, changes }) => [subIndication, changes.level])).toEqual([
        ['NO_CERTIFICATE_CHAIN_FOUND', 'form-filling'],
        ['NO_CERTIFICATE_CHAIN_FOUND', 'none'],
      ])
    })
  },
)
