/** SoftHSM 2 as an outside witness of the PKCS#11 signer: tokens in a folder that is gone afterwards. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { required } from './tools.ts'

/** Path of the library, or of where Debian would put it. */
export const softHsmModule: string =
  [
    '/usr/lib/softhsm/libsofthsm2.so',
    '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
    '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
    '/opt/homebrew/lib/softhsm/libsofthsm2.so',
  ].find(existsSync) ?? '/usr/lib/softhsm/libsofthsm2.so'

function hasSoftHsm(): boolean {
  try {
    execFileSync('softhsm2-util', ['--version'], { stdio: 'ignore' })
    execFileSync('pkcs11-tool', ['--version'], { stdio: 'ignore' })
    return existsSync(softHsmModule)
  } catch (error) {
    // pkcs11-tool has no --version in some releases, and then fails with a status rather than not being there.
    return (error as { code?: string }).code !== 'ENOENT' && existsSync(softHsmModule)
  }
}

/** `describe` for tests that need softhsm2-util, its library and pkcs11-tool. */
export const describeWithSoftHsm: typeof describe.skip =
  required || hasSoftHsm() ? describe : (describe.skip as typeof describe)

/** A folder of tokens; the library reads the variable SOFTHSM2_CONF when it is first initialised in a process. */
export interface SoftHsm {
  createToken(label: string, pin: string): void
  importKey(token: string, pin: string, key: { label: string; id: string; pem: string }): void
  importCertificate(token: string, pin: string, certificate: { id: string; der: Uint8Array }): void
  /** pkcs11-tool, logged in to a token. */
  tool(token: string, pin: string, ...args: readonly string[]): Uint8Array
  remove(): void
}

/** Makes an empty folder and lets this process use it. */
export function createSoftHsm(): SoftHsm {
  const folder = mkdtempSync(join(tmpdir(), 'zhicheng-softhsm-'))
  const path = (name: string): string => join(folder, name)
  mkdirSync(path('tokens'))
  writeFileSync(path('softhsm2.conf'), `directories.tokendir = ${path('tokens')}\nobjectstore.backend = file\n`)
  process.env['SOFTHSM2_CONF'] = path('softhsm2.conf')
  const run = (program: string, args: readonly string[]): Uint8Array =>
    new Uint8Array(execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }))
  const tool = (token: string, pin: string, ...args: readonly string[]): Uint8Array =>
    run('pkcs11-tool', ['--module', softHsmModule, '--token-label', token, '--login', '--pin', pin, ...args])
  return {
    tool,
    createToken: (label, pin) =>
      void run('softhsm2-util', ['--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', '87654321']),
    importKey(token, pin, { label, id, pem }) {
      writeFileSync(path('key.pem'), pem)
      const named = ['--token', token, '--pin', pin, '--label', label, '--id', id]
      run('softhsm2-util', ['--import', path('key.pem'), ...named])
    },
    importCertificate(token, pin, { id, der }) {
      writeFileSync(path('certificate.der'), der)
      tool(token, pin, '--write-object', path('certificate.der'), '--type', 'cert', '--id', id)
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
