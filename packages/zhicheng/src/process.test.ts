import { statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeSeal, signedBy, trusting, writeDocuments } from './test-support/documents.ts'
import { document, good, refused, runProcess, startProcess, temporaryFolder } from './test-support/run.ts'
import { verb as sealVerify } from './verbs/seal-verify.ts'

// Each process starts from source, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let folder: ReturnType<typeof temporaryFolder>
beforeAll(async () => {
  folder = temporaryFolder()
  await writeDocuments(folder.path)
  await good(folder.path, ['keys', 'create', '--out', 'sm2'])
  await makeSeal(folder.path, { keys: 'sm2', output: 'seal.esl' })
})
afterAll(() => folder.remove())

describe('the program', () => {
  test('seals and verifies, with paths of the folder the user stands in', () => {
    const words = ['seal', 'sign', 'in.ofd', '-o', 'out.ofd', '--seal', 'seal.esl', ...signedBy('sm2')]
    expect(runProcess(folder.path, words)).toMatchObject({
      status: 0,
      out: '',
      err: 'Signed file written to out.ofd.\n',
    })
    const passed = runProcess(folder.path, ['seal', 'verify', 'out.ofd', '--json', ...trusting('sm2')])
    expect(passed).toMatchObject({ status: 0, err: '' })
    expect(document(passed, sealVerify.output!)).toMatchObject({ file: 'out.ofd', verdict: 'TOTAL-PASSED' })
    const open = runProcess(folder.path, ['seal', 'verify', 'out.ofd', '--json'])
    expect(open).toMatchObject({ status: 1, err: '' })
    document(open, sealVerify.output!)
  })

  test('refuses with status 2, one JSON document, one line and no stack', () => {
    const { status, out, err } = runProcess(folder.path, ['seal', 'verify', 'none.pdf', '--json'])
    expect(status).toBe(2)
    expect(JSON.parse(out)).toEqual({
      error: { code: 'ERR_COMMAND_FILE', message: 'Cannot read none.pdf: there is no such file or folder.' },
    })
    expect(err).toBe('Cannot read none.pdf: there is no such file or folder. [ERR_COMMAND_FILE]\n')
  })
})

describe('the sandbox', () => {
  const listening = /http:\/\/127\.0\.0\.1:\d+\/sandbox\.json/

  test('answers until SIGINT or SIGTERM, ends with status 0, and keeps its keys in the folder given', async () => {
    const certificates: string[] = []
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      const sandbox = await startProcess(folder.path, ['sandbox', '--port', '0', '--data', 'state/keys'], listening)
      const [papers] = sandbox.match
      const answer = await fetch(new URL('/ca/ca.pem', papers))
      certificates.push(await answer.text())
      expect(await sandbox.signal(name)).toMatchObject({ status: 0, err: '' })
      await expect(fetch(papers)).rejects.toThrow()
    }
    expect(certificates[0]).toContain('BEGIN CERTIFICATE')
    expect(certificates[1]).toBe(certificates[0])
    const { mode } = statSync(join(folder.path, 'state/keys/sandbox-keys.json'))
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600)
  })

  test('says in one line that a port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((done) => server.once('listening', done))
    const { port } = server.address() as AddressInfo
    expect(runProcess(folder.path, ['sandbox', '--port', String(port)])).toEqual({
      status: 2,
      out: '',
      err: `Port ${port} is in use; choose another with --port, or 0 for any free one. [ERR_COMMAND_PORT]\n`,
    })
  })

  test('refuses a misbehaviour that has no such name, and a damaged file of keys', async () => {
    const words = ['sandbox', '--port', '0']
    const said = await refused(folder.path, [...words, '--chaos', 'earthquake'], 'ERR_SANDBOX_CHAOS_UNKNOWN')
    expect(said).toContain('tsa-down')
    writeFileSync(join(folder.path, 'sandbox-keys.json'), '{')
    await refused(folder.path, [...words, '--data', '.'], 'ERR_SANDBOX_STATE')
  })
})
