import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openZip, writeZip } from '@zhicheng/formats'
import { parseEsSeal } from '@zhicheng/seal/ofd'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSeal, signedBy, trusting, writeDocuments } from './test-support/documents.ts'
import { document, good, hasTool, type Outcome, refused, run, temporaryFolder, tool } from './test-support/run.ts'
import { verb as sealVerify } from './verbs/seal-verify.ts'

let folder: ReturnType<typeof temporaryFolder>
let origin = ''
let sandbox: Promise<Outcome>
const stop = new AbortController()

beforeAll(async () => {
  folder = temporaryFolder()
  await writeDocuments(folder.path)
  for (const algorithm of ['sm2', 'rsa', 'p256']) {
    await good(folder.path, ['keys', 'create', '--out', algorithm, '--alg', algorithm])
  }
  await makeSeal(folder.path, { keys: 'sm2', output: 'seal.esl' })
  const { runCommand } = await import('./command.ts')
  origin = await new Promise<string>((done) => {
    let out = ''
    sandbox = runCommand(['sandbox', '--port', '0'], {
      folder: folder.path,
      print(text) {
        out += text
        done(/http:\/\/127\.0\.0\.1:\d+/.exec(text)![0])
      },
      note: (text) => done(text),
      stop: stop.signal,
    }).then((status) => ({ status, out, err: '' }))
  })
  for (const name of ['ca.pem', 'ca.crl']) {
    const answer = await fetch(`${origin}/ca/${name}`)
    writeFileSync(path(`sandbox-${name}`), new Uint8Array(await answer.arrayBuffer()))
  }
}, 120_000)

afterAll(async () => {
  stop.abort()
  expect((await sandbox).status).toBe(0)
  folder.remove()
})

function path(name: string): string {
  return join(folder.path, name)
}

async function verify(words: readonly string[]): Promise<{ status: number | null; report: Report }> {
  const outcome = await run(folder.path, ['seal', 'verify', ...words, '--json'])
  expect(outcome.err).toBe('')
  return { status: outcome.status, report: document(outcome, sealVerify.output!) as unknown as Report }
}

type Report = import('@zhicheng/seal').VerificationReport

describe('an OFD', () => {
  test.each(['1', '4', '5'])('sealed with version %s is open without trust and passes with it', async (ses) => {
    await makeSeal(folder.path, { keys: 'sm2', output: `v${ses}.esl`, ses })
    const sealed = `v${ses}.ofd`
    await good(folder.path, ['seal', 'sign', 'in.ofd', '-o', sealed, ...signedBy('sm2'), '--seal', `v${ses}.esl`])
    const open = await verify([sealed])
    expect(open.status).toBe(1)
    expect(open.report).toMatchObject({ file: sealed, format: 'ofd', verdict: 'INDETERMINATE' })
    expect(open.report.signatures[0]).toMatchObject({ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND', kind: 'seal' })
    const later = await verify([sealed, '--trust', 'sm2/trust'])
    expect(later.status).toBe(1)
    expect(later.report.signatures[0]).toMatchObject({ verdict: 'INDETERMINATE', subIndication: 'TRY_LATER' })
    const passed = await verify([sealed, ...trusting('sm2')])
    expect(passed.status).toBe(0)
    expect(passed.report.signatures).toMatchObject([
      { verdict: 'TOTAL-PASSED', level: `SES-v${ses}`, algorithm: 'sm2-sm3', coverage: 'whole-file' },
    ])
  })

  test('whose page was changed after sealing fails', async () => {
    await good(folder.path, ['seal', 'sign', 'in.ofd', '-o', 'sealed.ofd', ...signedBy('sm2'), '--seal', 'seal.esl'])
    const archive = await openZip(new Uint8Array(readFileSync(path('sealed.ofd'))))
    const files = await Promise.all(
      archive.entries.map(async ({ name }) => {
        const content = await archive.read(name)
        if (name !== 'Doc_0/Pages/Page_0/Content.xml') return { name, content }
        return { name, content: new TextEncoder().encode(new TextDecoder().decode(content).replace('样例', '正式')) }
      }),
    )
    writeFileSync(path('tampered.ofd'), await writeZip(files))
    const { status, report } = await verify(['tampered.ofd', ...trusting('sm2')])
    expect(status).toBe(1)
    expect(report).toMatchObject({ verdict: 'TOTAL-FAILED', signatures: [{ subIndication: 'HASH_FAILURE' }] })
  })

  test('takes a timestamp of the sandbox, whose time counts once its authority is trusted', async () => {
    const words = [...signedBy('sm2'), '--seal', 'seal.esl', '--tsa', `${origin}/tsa`]
    await good(folder.path, ['seal', 'sign', 'in.ofd', '-o', 'stamped.ofd', ...words])
    const claimed = await verify(['stamped.ofd', ...trusting('sm2')])
    expect(claimed.report.signatures[0]).toMatchObject({ timeSource: 'claimed' })
    await good(folder.path, ['keys', 'create', '--out', 'both'])
    writeFileSync(path('both/trust/sandbox.pem'), readFileSync(path('sandbox-ca.pem')))
    writeFileSync(path('both/trust/sm2.pem'), readFileSync(path('sm2/ca.pem')))
    const lists = ['--crl', 'sm2/ca.crl', '--crl', 'sandbox-ca.crl']
    const proven = await verify(['stamped.ofd', '--trust', 'both/trust', ...lists])
    expect(proven.status).toBe(0)
    expect(proven.report.signatures[0]).toMatchObject({ verdict: 'TOTAL-PASSED', timeSource: 'timestamp' })
  })

  test('is refused what belongs to PDF, a seal of somebody else and a page it does not have', async () => {
    const words = ['seal', 'sign', 'in.ofd', '-o', 'never.ofd']
    const sm2 = [...words, ...signedBy('sm2')]
    await refused(folder.path, sm2, 'ERR_COMMAND_ARGUMENTS')
    await refused(folder.path, [...sm2, '--seal', 'seal.esl', '--certify', '1'], 'ERR_COMMAND_ARGUMENTS')
    await refused(folder.path, [...sm2, '--seal', 'seal.png'], 'ERR_OFD_SEAL_FORMAT')
    await refused(folder.path, [...sm2, '--seal', 'seal.esl', '--visible', '7,1,1,9,9'], 'ERR_OFD_STAMP')
    await refused(folder.path, [...words, ...signedBy('rsa'), '--seal', 'seal.esl'], 'ERR_COMMAND_FILE')
    const maker = ['--maker-key', 'rsa/seal-maker.key', '--maker-chain', 'rsa/seal-maker.pem']
    const make = ['seal', 'make', '--image', 'seal.png', ...maker, '--signer-cert', 'rsa/signer.pem', '-o', 'never.esl']
    await refused(folder.path, make, 'ERR_OFD_SIGNER_ALGORITHM')
  })
})

describe('a PDF', () => {
  test.each([
    ['sm2', 'sm2-sm3'],
    ['rsa', 'rsa-sha256'],
    ['p256', 'ecdsa-p256-sha256'],
  ])('signed with %s is open without trust, passes with it, and fails when changed', async (keys, algorithm) => {
    const signed = `${keys}.pdf`
    await good(folder.path, ['seal', 'sign', 'in.pdf', '-o', signed, ...signedBy(keys)])
    expect(await verify([signed])).toMatchObject({ status: 1, report: { verdict: 'INDETERMINATE' } })
    const { status, report } = await verify([signed, ...trusting(keys)])
    expect(status).toBe(0)
    expect(report.signatures).toMatchObject([
      { verdict: 'TOTAL-PASSED', level: 'B-B', algorithm, timeSource: 'claimed' },
    ])
    const bytes = readFileSync(path(signed))
    expect(bytes.subarray(0, readFileSync(path('in.pdf')).length)).toEqual(readFileSync(path('in.pdf')))
    bytes[20] = bytes[20]! ^ 1
    writeFileSync(path(`changed-${signed}`), bytes)
    const changed = await run(folder.path, ['seal', 'verify', `changed-${signed}`, ...trusting(keys)])
    expect(changed.status).not.toBe(0)
  })

  test('whose text was changed inside the signed range fails with HASH_FAILURE', async () => {
    await good(folder.path, ['seal', 'sign', 'in.pdf', '-o', 'whole.pdf', ...signedBy('p256')])
    const text = readFileSync(path('whole.pdf'), 'latin1')
    const title = /\/Producer <[0-9A-F]+/.exec(text)![0]
    writeFileSync(path('tampered.pdf'), text.replace(title, `${title.slice(0, -1)}F`), 'latin1')
    const { status, report } = await verify(['tampered.pdf', ...trusting('p256')])
    expect(status).toBe(1)
    expect(report).toMatchObject({ verdict: 'TOTAL-FAILED', signatures: [{ subIndication: 'HASH_FAILURE' }] })
  })

  test('takes a timestamp of the sandbox and is B-T', async () => {
    await good(folder.path, ['seal', 'sign', 'in.pdf', '-o', 't.pdf', ...signedBy('rsa'), '--tsa', `${origin}/tsa`])
    await good(folder.path, ['keys', 'create', '--out', 'trusted', '--alg', 'p256'])
    writeFileSync(path('trusted/trust/sandbox.pem'), readFileSync(path('sandbox-ca.pem')))
    writeFileSync(path('trusted/trust/rsa.pem'), readFileSync(path('rsa/ca.pem')))
    const lists = ['--crl', 'rsa/ca.crl', '--crl', 'sandbox-ca.crl']
    const { status, report } = await verify(['t.pdf', '--trust', 'trusted/trust', ...lists])
    expect(status).toBe(0)
    expect(report.signatures).toMatchObject([{ verdict: 'TOTAL-PASSED', level: 'B-T', timeSource: 'timestamp' }])
  })

  test('shows the seal of its signer at the place named, and nobody else may show it', async () => {
    const words = [
      'seal',
      'sign',
      'in.pdf',
      '-o',
      'visible.pdf',
      '--seal',
      'seal.esl',
      '--visible',
      '1,400,100,120,120',
    ]
    await good(folder.path, [...words, ...signedBy('sm2'), '--field', 'Office', '--certify', '2'])
    const { status, report } = await verify(['visible.pdf', ...trusting('sm2')])
    expect(status).toBe(0)
    expect(report.signatures[0]).toMatchObject({ name: 'Office' })
    expect(readFileSync(path('visible.pdf'), 'latin1')).toMatch(/\/Rect \[\s*400 100 520 220\s*\]/)
    await refused(folder.path, [...words, ...signedBy('rsa')], 'ERR_COMMAND_FILE')
    await refused(
      folder.path,
      ['seal', 'sign', 'in.pdf', '-o', 'n.pdf', ...signedBy('sm2'), '--seal', 'seal.esl'],
      'ERR_COMMAND_ARGUMENTS',
    )
  })

  test('of level B-T needs a timestamp service that answers', async () => {
    const words = ['seal', 'sign', 'in.pdf', '-o', 'never.pdf', ...signedBy('rsa')]
    await refused(folder.path, [...words, '--level', 'B-T'], 'ERR_COMMAND_ARGUMENTS')
    await refused(folder.path, [...words, '--tsa', `${origin}/tsa`, '--level', 'B-B'], 'ERR_COMMAND_ARGUMENTS')
    await refused(folder.path, [...words, '--tsa', 'ftp://127.0.0.1/'], 'ERR_SUPPORT_CONFIGURATION')
    const said = await refused(folder.path, [...words, '--tsa', `${origin}/ca`], 'ERR_SUPPORT_TIMESTAMP')
    expect(said).toContain('The timestamp service')
  })

  test.skipIf(!hasTool('pdfsig'))('is valid to pdfsig (skipped where it is missing)', async () => {
    for (const keys of ['rsa', 'p256']) {
      await good(folder.path, ['seal', 'sign', 'in.pdf', '-o', `sig-${keys}.pdf`, ...signedBy(keys)])
      const { text } = tool(folder.path, 'pdfsig', [`sig-${keys}.pdf`])
      expect(text).toContain('Signature is Valid.')
      expect(text).toContain('Total document signed')
    }
  })
})

describe('a seal', () => {
  test('says whose it is, how large, and ends with the certificates behind it', async () => {
    const maker = ['--maker-key', 'sm2/seal-maker.key', '--maker-chain', 'sm2/seal-maker.pem']
    const words = ['seal', 'make', '--image', 'seal.png', ...maker, '--signer-cert', 'sm2/signer.pem', '-o', 'own.esl']
    await good(folder.path, [...words, '--name', '样例区政务服务中心', '--size', '38', '--ses', '5'])
    const seal = parseEsSeal(new Uint8Array(readFileSync(path('own.esl'))))
    expect(seal).toMatchObject({
      version: 5,
      name: '样例区政务服务中心',
      picture: { type: 'png', width: 38, height: 38 },
    })
    expect(seal.validUntil.getTime() - Date.now()).toBeLessThan(366 * 86_400_000)
    await refused(folder.path, [...words, '--size', '3.5'], 'ERR_COMMAND_ARGUMENTS')
    await refused(folder.path, [...words, '--ses', '2'], 'ERR_COMMAND_ARGUMENTS')
    await refused(folder.path, words.with(3, 'in.pdf'), 'ERR_COMMAND_FILE_TYPE')
  })

  test('that was changed after it was made is not used', async () => {
    const bytes = readFileSync(path('seal.esl'))
    bytes[bytes.indexOf('ZHICHENG')] = 0x58
    writeFileSync(path('forged.esl'), bytes)
    const words = [...signedBy('sm2'), '--seal', 'forged.esl', '--visible', '1,100,100,42,42']
    for (const name of ['in.pdf', 'in.ofd']) {
      const said = await refused(folder.path, ['seal', 'sign', name, '-o', 'never', ...words], 'ERR_COMMAND_FILE')
      expect(said).toContain('not signed by the maker it names')
    }
  })

  test('is not made with the key of an authority, which signs certificates only', async () => {
    const maker = ['--maker-key', 'sm2/ca.key', '--maker-chain', 'sm2/ca.pem']
    const words = ['--image', 'seal.png', ...maker, '--signer-cert', 'sm2/signer.pem', '-o', 'ca.esl']
    await refused(folder.path, ['seal', 'make', ...words], 'ERR_OFD_SIGNER_KEY_USAGE')
  })
})

test('a document without any signature fails with status 1', async () => {
  for (const name of ['in.pdf', 'in.ofd']) {
    const { status, report } = await verify([name])
    expect(status).toBe(1)
    expect(report).toMatchObject({
      verdict: 'TOTAL-FAILED',
      signatures: [],
      findings: [{ code: 'ERR_SEAL_NO_SIGNATURE' }],
    })
  }
})

test('the moment of the question counts: a signature from before its certificate does not pass', async () => {
  await good(folder.path, ['seal', 'sign', 'in.pdf', '-o', 'when.pdf', ...signedBy('rsa')])
  const { status } = await verify(['when.pdf', ...trusting('rsa'), '--at', '2020-01-01'])
  expect(status).toBe(1)
})

test('the report for people says verdict, signer and what was not checked', async () => {
  await good(folder.path, ['seal', 'sign', 'in.pdf', '-o', 'people.pdf', ...signedBy('rsa')])
  const { out } = await run(folder.path, ['seal', 'verify', 'people.pdf'])
  expect(out).toContain('people.pdf: INDETERMINATE (不能确定)')
  expect(out).toContain('测试专用 TEST ONLY')
  expect(out).toContain('revocation: not-checked')
})
