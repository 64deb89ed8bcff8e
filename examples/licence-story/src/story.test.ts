/** Runs the story as a user does, and lets other people's programs judge what it leaves. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSesSignature } from '@zhicheng/seal/ofd'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isOnPath } from '../../../tools/machine.ts'

const out = join(import.meta.dirname, '../out')
const folder = mkdtempSync(join(tmpdir(), 'zhicheng-story-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@zhicheng/source']
  return spawnSync(process.execPath, [...flags, join(import.meta.dirname, 'main.ts'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  })
}
const run = (program: string, args: string[], cwd = folder): string =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const json = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(out, name), 'utf8')) as Record<string, unknown>

let told: ReturnType<typeof start>
beforeAll(() => {
  told = start('--once')
}, 90_000)

describe('the licence story', () => {
  test('ends with 0, and every step verified', () => {
    expect(told.stderr).toBe('')
    expect(told.status).toBe(0)
    const story = json('story.json') as { verified: boolean; steps: { ok: boolean }[] }
    expect(story.verified).toBe(true)
    expect(story.steps).toHaveLength(14)
    expect(story.steps.every(({ ok }) => ok)).toBe(true)
  })

  test('verified both licences with chain and revocation, not only their bytes', () => {
    for (const name of ['licence.pdf.verify.json', 'licence.ofd.verify.json']) {
      expect(json(name)).toMatchObject({
        verdict: 'TOTAL-PASSED',
        signatures: [
          {
            chain: { status: 'trusted' },
            revocation: { status: 'good' },
            coverage: 'whole-file',
            changes: { level: 'none' },
          },
        ],
      })
    }
    expect(json('check.json')).toMatchObject({ verdict: 'accepted', profile: 'gbt42727-2023' })
  })

  test('tells nobody a personal number, a key or a ticket', () => {
    expect(told.stdout + readFileSync(join(out, 'story.json'), 'utf8')).not.toMatch(
      /11010519491231002X|440524188001010014|360426199101010071|PRIVATE KEY|13700009050/,
    )
  })
})

describe('the PDF licence, to others', () => {
  const pdf = join(out, 'licence.pdf')

  test.skipIf(!isOnPath('pdfsig'))(
    'pdfsig: every signature is valid, and the last covers the whole document (needs pdfsig)',
    () => {
      const said = run('pdfsig', [pdf])
      expect(said).toContain('Signature Validation: Signature is Valid.')
      expect(said).toContain('Total document signed')
      expect(said).toContain('ETSI.CAdES.detached')
      expect(said.match(/Signature #/g)).toHaveLength(1)
    },
  )

  test.skipIf(!isOnPath('qpdf'))('qpdf has no warning (needs qpdf)', () => {
    expect(run('qpdf', ['--check', pdf])).toContain('No syntax or stream encoding errors found')
  })

  test.skipIf(!isOnPath('openssl'))(
    'openssl verifies the CMS as CAdES against the trusted root (needs openssl)',
    () => {
      const bytes = readFileSync(pdf)
      const [, a, b, c] = /\/ByteRange ?\[ ?0+ +(\d+) +(\d+) +(\d+)/.exec(bytes.toString('latin1'))!.map(Number) as [
        number,
        number,
        number,
        number,
      ]
      writeFileSync(join(folder, 'content'), Buffer.concat([bytes.subarray(0, a), bytes.subarray(b, b + c)]))
      writeFileSync(join(folder, 'cms.der'), Buffer.from(bytes.subarray(a + 1, b - 1).toString('latin1'), 'hex'))
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
        join(out, 'trust/ca.pem'),
        '-purpose',
        'any',
        '-out',
        'verified',
      ]
      run('openssl', args)
      expect(readFileSync(join(folder, 'verified')).equals(readFileSync(join(folder, 'content')))).toBe(true)
    },
  )

  test.skipIf(!isOnPath('pdftotext'))('pdftotext reads the Chinese text (needs pdftotext)', () => {
    const text = run('pdftotext', [pdf, '-']).replace(/\s+/g, '')
    for (const words of [
      '食品经营许可证',
      '杭州样例科技有限公司（样例）',
      '91330110MA2AXY0E7F',
      '样例市市场监督管理局',
    ])
      expect(text).toContain(words)
  })
})

describe('the OFD licence, to others', () => {
  const files = join(folder, 'ofd')

  test.skipIf(!isOnPath('unzip') || !isOnPath('xmllint'))(
    'unzip and xmllint accept every entry (needs unzip, xmllint)',
    () => {
      expect(run('unzip', ['-t', join(out, 'licence.ofd')])).toContain('No errors detected')
      run('unzip', ['-q', '-o', join(out, 'licence.ofd'), '-d', files])
      run('sh', ['-c', 'find . -name "*.xml" -print0 | xargs -0 xmllint --noout --nonet'], files)
    },
  )

  test.skipIf(!isOnPath('openssl') || !isOnPath('unzip'))(
    'openssl verifies both SM2 signatures over the DER, and every digest (needs openssl, unzip)',
    () => {
      run('unzip', ['-q', '-o', join(out, 'licence.ofd'), '-d', files])
      const sign = join(files, 'Doc_0/Signs/Sign_0')
      const { toSign, signature, certificate, seal } = parseSesSignature(readFileSync(join(sign, 'SignedValue.dat')))
      verifySm2('signature', { certificate, message: toSign, signature })
      const { maker } = seal
      verifySm2('seal', { certificate: maker.certificate, message: maker.signedBytes, signature: maker.signature })
      const xml = readFileSync(join(sign, 'Signature.xml'), 'utf8')
      const references = [...xml.matchAll(/FileRef="\/([^"]+)"[^>]*>\s*<ofd:CheckValue>([^<]+)</g)]
      expect(references.length).toBeGreaterThan(4)
      for (const [, path, value] of references) {
        const digest = execFileSync('openssl', ['dgst', '-sm3', '-binary', join(files, path!)])
        expect([path, digest.toString('base64')]).toEqual([path, value])
      }
    },
  )

  function verifySm2(
    name: string,
    { certificate, message, signature }: { certificate: Uint8Array; message: Uint8Array; signature: Uint8Array },
  ): void {
    writeFileSync(join(folder, 'cert.der'), certificate)
    writeFileSync(join(folder, 'message'), message)
    writeFileSync(join(folder, 'signature'), signature)
    writeFileSync(
      join(folder, 'key.pem'),
      run('openssl', ['x509', '-inform', 'DER', '-in', 'cert.der', '-noout', '-pubkey']),
    )
    const args = [
      'dgst',
      '-sm3',
      '-verify',
      'key.pem',
      '-sigopt',
      'distid:1234567812345678',
      '-signature',
      'signature',
      'message',
    ]
    expect([name, run('openssl', args).trim()]).toEqual([name, 'Verified OK'])
  }
})

describe('the case file, to others', () => {
  test.skipIf(!isOnPath('unzip') || !isOnPath('sha256sum'))(
    'sha256sum accepts both manifests, and the Payload-Oxum is right (needs unzip, sha256sum)',
    () => {
      expect(run('unzip', ['-t', join(out, 'case.zip')])).toContain('No errors detected')
      run('unzip', ['-q', '-o', join(out, 'case.zip'), '-d', 'bag'])
      const [bag] = run('sh', ['-c', 'ls -d bag/*/']).trim().split('\n')
      const inside = join(folder, bag!)
      run('sha256sum', ['-c', '--quiet', 'manifest-sha256.txt'], inside)
      run('sha256sum', ['-c', '--quiet', 'tagmanifest-sha256.txt'], inside)
      const payload = run(
        'sh',
        ['-c', 'find data -type f -printf "%s\\n" | awk \'{s+=$1; n+=1} END {printf "%d.%d", s, n}\''],
        inside,
      )
      expect(readFileSync(join(inside, 'bag-info.txt'), 'utf8')).toContain(`Payload-Oxum: ${payload}\n`)
    },
  )

  test('the receipt is signed with the published key, which is marked as a test key', () => {
    expect(json('receipt.json')).toMatchObject({ type: 'zhicheng-receipt/1', test: true, notice: '测试专用' })
    expect(json('trust/log.jwk')).not.toHaveProperty('d')
  })
})

describe('a start that cannot be', () => {
  test('names the port that is in use, in one line, with status 2', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    const { port } = server.address() as AddressInfo
    const { status, stderr } = start('--once', '--port', String(port))
    server.close()
    expect(status).toBe(2)
    expect(stderr.trim()).toBe(`Port ${port} is in use: choose another with --port, or stop what listens there.`)
  })

  test.each(['--onse', '--port x', 'stray'])('answers %s with one line and status 2', (words) => {
    const { status, stderr } = start(...words.split(' '))
    expect(status).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).not.toContain('at ')
  })
})
