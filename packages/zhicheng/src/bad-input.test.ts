import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pixel, signedBy, writeDocuments } from './test-support/documents.ts'
import { good, hasTool, refused, temporaryFolder, tool, withoutRoot } from './test-support/run.ts'

let folder: ReturnType<typeof temporaryFolder>
const sign = (input: string, output: string): string[] => ['seal', 'sign', input, '-o', output, ...signedBy('rsa')]

beforeAll(async () => {
  folder = temporaryFolder()
  await writeDocuments(folder.path)
  await good(folder.path, ['keys', 'create', '--out', 'rsa', '--alg', 'rsa'])
  await good(folder.path, sign('in.pdf', 'signed.pdf'))
  mkdirSync(path('folder.pdf'))
})
afterAll(() => folder.remove())
afterEach(() => {
  const left = readdirSync(folder.path).filter((name) => name.includes('partial') || name.startsWith('never'))
  expect(left).toEqual([])
})

function path(name: string): string {
  return join(folder.path, name)
}

describe('a file that is not what its name says', () => {
  const random = Uint8Array.from({ length: 3000 }, (_, index) => ((index * 197 + 131) % 251) | 128)
  test.each([
    ['picture.pdf', pixel, 'png'],
    ['random.pdf', random, 'unknown'],
    ['random.ofd', random, 'unknown'],
    ['empty.pdf', new Uint8Array(0), 'unknown'],
    ['text.ofd', new TextEncoder().encode('申请材料'), 'text'],
  ])('%s is refused', async (name, content, type) => {
    writeFileSync(path(name), content)
    for (const words of [['seal', 'verify', name], sign(name, 'never.pdf')]) {
      expect(await refused(folder.path, words, 'ERR_COMMAND_FILE_TYPE')).toContain(`looks like: ${type}`)
    }
  })

  test('a PDF called OFD and an OFD called PDF are refused', async () => {
    writeFileSync(path('really-pdf.ofd'), readFileSync(path('signed.pdf')))
    writeFileSync(path('really-ofd.pdf'), readFileSync(path('in.ofd')))
    for (const name of ['really-pdf.ofd', 'really-ofd.pdf']) {
      await refused(folder.path, ['seal', 'verify', name], 'ERR_COMMAND_FILE_TYPE')
    }
    await refused(folder.path, sign('in.pdf', 'never.ofd'), 'ERR_COMMAND_ARGUMENTS')
  })

  test('a zip that is no OFD, and half a PDF, are refused by name', async () => {
    writeFileSync(path('half.pdf'), readFileSync(path('signed.pdf')).subarray(0, 900))
    expect(await refused(folder.path, ['seal', 'verify', 'half.pdf'], 'ERR_SEAL_PDF_MALFORMED')).toContain('half.pdf: ')
    mkdirSync(path('data'))
    writeFileSync(path('data/a.txt'), 'a')
    await good(folder.path, ['archive', 'pack', 'data', '-o', 'data.zip'])
    await refused(folder.path, ['seal', 'verify', 'data.zip'], 'ERR_OFD_MALFORMED')
  })
})

describe('a file that cannot be read', () => {
  test.each([
    ['none.pdf', 'there is no such file'],
    ['folder.pdf', 'it is a folder'],
    ['signed.pdf/inside', 'a part of the path is not a folder'],
  ])('%s is refused because %s', async (name, reason) => {
    for (const words of [['seal', 'verify', name], sign(name, 'never.pdf')]) {
      expect(await refused(folder.path, words, 'ERR_COMMAND_FILE')).toContain(reason)
    }
  })

  test.skipIf(!existsSync('/dev/zero'))('a device without an end is no document and no key', async () => {
    await refused(folder.path, ['seal', 'verify', '/dev/zero'], 'ERR_COMMAND_FILE')
    await refused(
      folder.path,
      [...sign('in.pdf', 'never.pdf').slice(0, 5), '--key', '/dev/zero', '--chain', 'rsa/signer.pem'],
      'ERR_COMMAND_FILE_TOO_LARGE',
    )
  })

  test.skipIf(process.platform === 'win32')('one without permission is refused', async () => {
    writeFileSync(path('closed.pdf'), readFileSync(path('signed.pdf')))
    chmodSync(path('closed.pdf'), 0)
    await withoutRoot(async () => {
      expect(await refused(folder.path, ['seal', 'verify', 'closed.pdf'], 'ERR_COMMAND_FILE')).toContain('permission')
    })
  })
})

describe('keys and certificates', () => {
  const pdf = ['seal', 'sign', 'in.pdf', '-o', 'never.pdf']

  test('a key of somebody else, a certificate as key and rubbish are refused by name', async () => {
    await good(folder.path, ['keys', 'create', '--out', 'other', '--alg', 'p256'])
    const chain = ['--chain', 'rsa/signer.pem']
    await refused(folder.path, [...pdf, '--key', 'other/signer.key', ...chain], 'ERR_CRYPTO_KEY_MISMATCH')
    expect(await refused(folder.path, [...pdf, '--key', 'rsa/signer.pem', ...chain], 'ERR_PEM_INVALID')).toContain(
      'rsa/signer.pem: ',
    )
    await refused(folder.path, [...pdf, '--key', 'rsa/signer.key', '--chain', 'in.pdf'], 'ERR_PEM_INVALID')
    await refused(folder.path, [...pdf, '--key', 'rsa/signer.key'], 'ERR_COMMAND_ARGUMENTS')
  })

  test.skipIf(!hasTool('openssl'))(
    'a wrong password is refused and never repeated (skipped without openssl)',
    async () => {
      writeFileSync(path('right.txt'), 'geheim-4711\n')
      writeFileSync(path('wrong.txt'), 'falsch-0815\n')
      const key = ['pkcs8', '-topk8', '-in', 'rsa/signer.key', '-out', 'locked.key', '-passout', 'pass:geheim-4711']
      expect(tool(folder.path, 'openssl', key).status).toBe(0)
      const store = ['pkcs12', '-export', '-inkey', 'rsa/signer.key', '-in', 'rsa/signer.pem', '-out', 'locked.p12']
      expect(tool(folder.path, 'openssl', [...store, '-passout', 'pass:geheim-4711']).status).toBe(0)
      for (const source of [
        ['--key', 'locked.key', '--chain', 'rsa/signer.pem'],
        ['--key', 'locked.p12'],
      ]) {
        const words = [...pdf, ...source, '--key-password-file', 'wrong.txt']
        expect(await refused(folder.path, words, 'ERR_CRYPTO_PASSWORD_WRONG')).not.toMatch(/falsch|0815/)
        await good(folder.path, [
          'seal',
          'sign',
          'in.pdf',
          '-o',
          'opened.pdf',
          ...source,
          '--key-password-file',
          'right.txt',
        ])
      }
      await refused(
        folder.path,
        [...pdf, '--key', 'locked.key', '--chain', 'rsa/signer.pem'],
        'ERR_CRYPTO_PASSWORD_REQUIRED',
      )
    },
  )

  test('a trust folder that is damaged, empty, missing or a file is refused', async () => {
    const damaged = readFileSync(path('rsa/ca.pem'), 'utf8').split('\n')
    damaged.splice(3, 1)
    mkdirSync(path('damaged'))
    writeFileSync(path('damaged/ca.pem'), damaged.join('\n'))
    mkdirSync(path('cut'))
    writeFileSync(path('cut/ca.pem'), readFileSync(path('rsa/ca.pem')).subarray(0, 300))
    mkdirSync(path('bare/inner.pem'), { recursive: true })
    mkdirSync(path('empty'))
    const verify = (trust: string): string[] => ['seal', 'verify', 'signed.pdf', '--trust', trust]
    expect(await refused(folder.path, verify('damaged'), 'ERR_DER_INVALID')).toContain('damaged')
    await refused(folder.path, verify('cut'), 'ERR_PEM_INVALID')
    await refused(folder.path, verify('bare'), 'ERR_COMMAND_FILE')
    for (const name of ['empty', 'none', 'in.pdf']) await refused(folder.path, verify(name), 'ERR_SUPPORT_TRUST')
  })

  test('a revocation list that is none is refused by name', async () => {
    const words = ['seal', 'verify', 'signed.pdf', '--crl']
    expect(await refused(folder.path, [...words, 'in.pdf'], 'ERR_PEM_INVALID')).toContain('in.pdf: ')
    await refused(folder.path, [...words, 'rsa/ca.pem'], 'ERR_PEM_INVALID')
    await refused(folder.path, [...words, 'none.crl'], 'ERR_COMMAND_FILE')
  })
})

describe('an output', () => {
  test.each([
    ['nowhere/out.pdf', 'there is no such file or folder'],
    ['folder.pdf', 'it is a folder'],
    ['in.pdf/out.pdf', 'a part of the path is not a folder'],
    ['in.pdf', 'it is the input itself'.slice(6)],
    ['./in.pdf', 'the input itself'],
  ])('%s is refused because %s', async (name, reason) => {
    const before = readFileSync(path('in.pdf'))
    expect(await refused(folder.path, sign('in.pdf', name), 'ERR_COMMAND_OUTPUT')).toContain(reason)
    expect(readFileSync(path('in.pdf'))).toEqual(before)
  })

  test.skipIf(process.platform === 'win32')('that is a link to the input is refused', async () => {
    symlinkSync('in.pdf', path('link.pdf'))
    await refused(folder.path, sign('in.pdf', 'link.pdf'), 'ERR_COMMAND_OUTPUT')
  })

  test.skipIf(process.platform !== 'linux')(
    'where nobody may write is refused, and no folder is searched for ever',
    async () => {
      // The kernel's own folders take no files, not even from root.
      await refused(folder.path, sign('in.pdf', '/proc/out.pdf'), 'ERR_COMMAND_OUTPUT')
      await refused(folder.path, ['keys', 'create', '--out', '/proc/nowhere/inner'], 'ERR_COMMAND_OUTPUT')
      await refused(folder.path, ['sandbox', '--port', '0', '--data', '/proc/nowhere'], 'ERR_COMMAND_OUTPUT')
      await refused(folder.path, ['archive', 'pack', 'rsa', '-o', '/proc/out.zip'], 'ERR_ARCHIVE_OUTPUT')
    },
  )

  test('of an interrupted signing is not written', async () => {
    const { run } = await import('./test-support/run.ts')
    const stop = new AbortController()
    stop.abort()
    const { status } = await run(folder.path, sign('in.pdf', 'never-stopped.pdf'), stop.signal)
    expect(status).toBe(2)
  })

  test('over an older result replaces it as a whole', async () => {
    writeFileSync(path('again.pdf'), 'old')
    await good(folder.path, sign('in.pdf', 'again.pdf'))
    expect(readFileSync(path('again.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
  })
})
