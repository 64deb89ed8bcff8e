import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { depositPackage } from '@zhicheng/archive'
import { utf8 } from '@zhicheng/core'
import { formatReceipt } from '@zhicheng/evidence'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningSandbox, type StartSandboxOptions, startSandbox } from './node.ts'

let root: string
let folder: string
const running: RunningSandbox[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sandbox-node-'))
  folder = join(root, 'kept')
})
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.close()
  rmSync(root, { recursive: true })
})

async function start(options: StartSandboxOptions = {}): Promise<RunningSandbox> {
  const sandbox = await startSandbox({ port: 0, ...options })
  running.push(sandbox)
  return sandbox
}

/** Listening sockets of this process; one that was closed goes a turn of the event loop later. */
async function servers(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((done) => setImmediate(done))
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
}

const keyPath = (): string => join(folder, 'sandbox-keys.json')
const textAt = async (address: string): Promise<string> => (await fetch(address)).text()

/** How a connection to an address ends. */
async function knock(host: string, port: number): Promise<string> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
    return 'connected'
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    socket.destroy()
  }
}

describe('a sandbox that listens', () => {
  it('answers at every face once it has started, also at the one that needs Node', async () => {
    const { origin, registration, faces } = await start()
    const { oidc } = await registration()
    expect(oidc.issuer).toBe(`${origin}/oidc`)
    const metadata = await (await fetch(`${oidc.issuer}/.well-known/openid-configuration`)).json()
    expect(metadata).toMatchObject({ issuer: oidc.issuer })
    for (const { path } of await faces()) {
      const response = await fetch(origin + path)
      expect([path, response.status < 500]).toEqual([path, true])
      expect(await response.text()).not.toContain('No platform is mounted here.')
    }
    expect(await (await fetch(`${origin}/sandbox.json`)).json()).toEqual(await registration())
  })

  it('takes the header of misbehaviour over HTTP', async () => {
    const { origin } = await start()
    const response = await fetch(`${origin}/ca/ca.crl`, { headers: { 'x-sandbox-chaos': 'ca-stale-list' } })
    expect(response.status).toBe(503)
  })

  it('listens on 127.0.0.1 and on no other address of this machine', async () => {
    const port = Number(new URL((await start()).origin).port)
    expect(await knock('127.0.0.1', port)).toBe('connected')
    // On Linux every 127.x.x.x is this machine, and whoever listens everywhere would answer there.
    if (process.platform === 'linux') expect(await knock('127.0.0.2', port)).toBe('ECONNREFUSED')
    expect(await knock('::1', port)).not.toBe('connected')
  })

  it('leaves nothing open when it is closed, though a client still holds its connection, and closes twice', async () => {
    const before = await servers()
    const sandbox = await start()
    expect(await servers()).toBe(before + 1)
    const port = Number(new URL(sandbox.origin).port)
    const socket = connect({ host: '127.0.0.1', port })
    await once(socket, 'connect')
    const ended = once(socket, 'close')
    await sandbox.close()
    await ended
    await sandbox.close()
    expect(await servers()).toBe(before)
    expect(await knock('127.0.0.1', port)).toBe('ECONNREFUSED')
  })

  it('refuses a port that is in use, makes no keys, and leaves nothing open', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const before = await servers()
    await expect(start({ port, folder })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await servers()).toBe(before)
    expect(readdirSync(root)).toEqual([])
    other.close()
    await once(other, 'close')
    expect((await start({ port })).origin).toBe(`http://127.0.0.1:${port}`)
  })

  it('leaves nothing open when a name of misbehaviour is unknown', async () => {
    const before = await servers()
    await expect(start({ chaos: ['no-such-fault'] })).rejects.toMatchObject({ code: 'ERR_SANDBOX_CHAOS_UNKNOWN' })
    expect(await servers()).toBe(before)
  })
})

describe('the folder', () => {
  it('keeps authorities, secrets and keys over a restart at another port', async () => {
    const first = await start({ folder })
    const [ca, sm2] = [await textAt(`${first.origin}/ca/ca.pem`), await textAt(`${first.origin}/ca/sm2-ca.pem`)]
    const papers = await first.registration()
    await first.close()
    const second = await start({ folder })
    expect(await textAt(`${second.origin}/ca/ca.pem`)).toBe(ca)
    expect(await textAt(`${second.origin}/ca/sm2-ca.pem`)).toBe(sm2)
    const again = await second.registration()
    expect(again.oidc.clientSecret).toBe(papers.oidc.clientSecret)
    expect(again.wechat.merchantKey).toEqual(papers.wechat.merchantKey)
    expect(again.archive.logKey).toEqual(papers.archive.logKey)
    const { signer } = await second.testSigner({ commonName: '样例' })
    expect(signer.certificateChain[0].crlDistributionPoints).toEqual([`${second.origin}/ca/ca.crl`])
  })

  it('gives every sandbox without one keys of its own', async () => {
    const [first, second] = [await start(), await start()]
    expect(await textAt(`${first.origin}/ca/ca.pem`)).not.toBe(await textAt(`${second.origin}/ca/ca.pem`))
  })

  it.skipIf(process.platform === 'win32')('shows the keys to their owner alone, and no half-written file', async () => {
    const before = process.umask(0)
    try {
      await start({ folder })
    } finally {
      process.umask(before)
    }
    expect(statSync(keyPath()).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([])
  })

  it('keeps deposits, and their receipts stay the same', async () => {
    const source = { name: 'case.zip', bytes: utf8('not a package') }
    const deposit = async ({ registration }: RunningSandbox) => {
      const { url, logKey } = (await registration()).archive
      const { receipt } = await depositPackage(source, {
        url,
        logKey,
        number: 'A-1',
        depositor: 'x',
        pollMilliseconds: 0,
      })
      return formatReceipt(receipt.receipt)
    }
    const first = await start({ folder })
    const receipt = await deposit(first)
    await first.close()
    expect(await deposit(await start({ folder }))).toBe(receipt)
  })

  it('that is a file, or cannot be made, is refused with a code', async () => {
    writeFileSync(folder, '')
    const before = await servers()
    await expect(start({ folder })).rejects.toMatchObject({ code: 'ERR_SANDBOX_STATE' })
    if (process.platform === 'linux') {
      await expect(start({ folder: '/proc/nowhere/inner' })).rejects.toMatchObject({ code: 'ERR_SANDBOX_STATE' })
    }
    expect(await servers()).toBe(before)
  })

  describe('with a damaged key file', () => {
    interface Parts {
      [name: string]: Parts | string | undefined
    }
    const merge = (into: Parts, parts: Parts): Parts => {
      for (const [name, part] of Object.entries(parts)) {
        into[name] = typeof part === 'object' ? merge(into[name] as Parts, part) : part
      }
      return into
    }
    const change = (parts: Parts) => () => {
      writeFileSync(keyPath(), JSON.stringify(merge(JSON.parse(readFileSync(keyPath(), 'utf8')) as Parts, parts)))
    }

    it.each<[string, () => void]>([
      ['that is empty', () => truncateSync(keyPath(), 0)],
      ['that was cut off', () => truncateSync(keyPath(), 500)],
      ['of something else', () => writeFileSync(keyPath(), '{"keys":[]}')],
      ['that says null', () => writeFileSync(keyPath(), 'null')],
      [
        'that is a folder',
        () => {
          rmSync(keyPath())
          mkdirSync(keyPath())
        },
      ],
      ['without one authority', change({ authorities: { 'sm2-ca': undefined } })],
      ['without one secret', change({ secrets: { irs: undefined } })],
      ['with a broken certificate', change({ authorities: { ca: { certificatePem: '-----BEGIN' } } })],
      ['with a broken private key', change({ signers: { tsa: { privateKeyPem: 'x' } } })],
      ['with a broken payment key', change({ wechat: { platform: { privateKeyPem: 'x' } } })],
      ['with a broken log key', change({ archiveLog: { x: 'AAAA' } })],
    ])(
      '%s it does not start, says where the file is and nothing of what is in it, and leaves it alone',
      async (_, damage) => {
        await (await start({ folder })).close()
        damage()
        const isFile = statSync(keyPath()).isFile()
        const text = isFile ? readFileSync(keyPath(), 'utf8') : ''
        const before = await servers()
        const error = await start({ folder }).catch((cause: Error) => cause)
        expect(error).toMatchObject({ code: 'ERR_SANDBOX_STATE', message: expect.stringContaining(keyPath()) })
        expect((error as Error).message).not.toContain('PRIVATE KEY')
        if (isFile) expect(readFileSync(keyPath(), 'utf8')).toBe(text)
        expect(await servers()).toBe(before)
      },
    )
  })
})
