import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { document, good, hasTool, refused, run, temporaryFolder, tool } from './test-support/run.ts'
import { verb as keysCreate } from './verbs/keys-create.ts'

const algorithms = ['sm2', 'rsa', 'p256'] as const
const secretFiles = ['ca.key', 'signer.key', 'seal-maker.key', 'tsa.key']

let folder: ReturnType<typeof temporaryFolder>
beforeAll(async () => {
  folder = temporaryFolder()
  for (const algorithm of algorithms)
    await good(folder.path, ['keys', 'create', '--out', algorithm, '--alg', algorithm])
})
afterAll(() => folder.remove())

test('the JSON names exactly the files that are there', async () => {
  const outcome = await run(folder.path, ['keys', 'create', '--out', 'deep/er/keys', '--json'])
  expect(outcome.status).toBe(0)
  const { algorithm, files } = document(outcome, keysCreate.output!)
  expect(algorithm).toBe('sm2')
  const found = readdirSync(join(folder.path, 'deep/er/keys'), { recursive: true, withFileTypes: true })
  expect(found.filter((entry) => entry.isFile())).toHaveLength((files as string[]).length)
  for (const file of files as string[]) expect(existsSync(join(folder.path, 'deep/er/keys', file))).toBe(true)
})

test.skipIf(process.platform === 'win32')('private keys are for their owner alone', () => {
  for (const algorithm of algorithms) {
    for (const file of secretFiles) expect(statSync(join(folder.path, algorithm, file)).mode & 0o777).toBe(0o600)
  }
})

test('nothing is ever overwritten, and a refusal writes nothing', async () => {
  const before = readFileSync(join(folder.path, 'sm2', 'signer.key'))
  const said = await refused(folder.path, ['keys', 'create', '--out', 'sm2'], 'ERR_COMMAND_OUTPUT')
  expect(said).toContain('sm2/ca.pem exists already')
  expect(readFileSync(join(folder.path, 'sm2', 'signer.key'))).toEqual(before)
  mkdirSync(join(folder.path, 'partly'))
  writeFileSync(join(folder.path, 'partly', 'tsa.key'), 'somebody else')
  await refused(folder.path, ['keys', 'create', '--out', 'partly'], 'ERR_COMMAND_OUTPUT')
  expect(readdirSync(join(folder.path, 'partly'))).toEqual(['tsa.key'])
  expect(readFileSync(join(folder.path, 'partly', 'tsa.key'), 'utf8')).toBe('somebody else')
})

test('a file in the place of the folder is refused', async () => {
  writeFileSync(join(folder.path, 'file'), '')
  await refused(folder.path, ['keys', 'create', '--out', 'file'], 'ERR_COMMAND_OUTPUT')
})

describe.skipIf(!hasTool('openssl'))('openssl (skipped where it is missing)', () => {
  test.each(algorithms)('verifies every %s certificate under the authority', (algorithm) => {
    const files = ['signer.pem', 'seal-maker.pem', 'tsa.pem'].map((name) => `${algorithm}/${name}`)
    // OpenSSL has to be told the identifier that GB/T 35276 makes the default.
    const identifier = algorithm === 'sm2' ? ['-vfyopt', 'distid:1234567812345678'] : []
    for (const file of files) {
      const { text } = tool(folder.path, 'openssl', [
        'verify',
        ...identifier,
        '-CAfile',
        `${algorithm}/trust/ca.pem`,
        file,
      ])
      expect(text).toContain(`${file}: OK`)
    }
  })

  test.each(algorithms)('finds the %s key and its certificate to be a pair, marked as a test', (algorithm) => {
    for (const name of ['ca', 'signer', 'seal-maker', 'tsa']) {
      const key = tool(folder.path, 'openssl', ['pkey', '-in', `${algorithm}/${name}.key`, '-pubout'])
      const certificate = tool(folder.path, 'openssl', ['x509', '-in', `${algorithm}/${name}.pem`, '-noout', '-pubkey'])
      expect(key.text).toBe(certificate.text)
      const words = ['x509', '-in', `${algorithm}/${name}.pem`, '-noout', '-subject', '-nameopt', 'utf8']
      expect(tool(folder.path, 'openssl', words).text).toContain('TEST ONLY')
    }
  })

  test('two authorities have different names', () => {
    const names = algorithms.map(
      (algorithm) => tool(folder.path, 'openssl', ['x509', '-in', `${algorithm}/ca.pem`, '-noout', '-subject']).text,
    )
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(['rsa', 'p256'])('verifies the %s revocation list', (algorithm) => {
    const words = ['crl', '-inform', 'DER', '-in', `${algorithm}/ca.crl`, '-CAfile', `${algorithm}/ca.pem`, '-noout']
    expect(tool(folder.path, 'openssl', words).text).toContain('verify OK')
  })
})
