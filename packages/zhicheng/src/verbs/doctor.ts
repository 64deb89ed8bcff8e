/** `zhicheng doctor`: what this machine can do for Zhicheng, and what to do where it cannot. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fromHex, utf8 } from '@zhicheng/core'
import { hash, parsePublicKey, verifySignature } from '@zhicheng/crypto'
import * as v from 'valibot'
import { noPositionals } from '../lib/options.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'

interface Check {
  id: string
  ok: boolean
  /** True if nothing in production needs it. */
  optional: boolean
  detail: string
  remedy: string
}

export const verb: Verb = {
  name: 'doctor',
  summary: 'Tells what this machine can do: Node, SM2 and SM3, embedded store, browser',
  usage: '[--json]',
  options: { json: { type: 'boolean' } },
  output: v.object({
    ok: v.boolean(),
    checks: v.array(
      v.object({ id: v.string(), ok: v.boolean(), optional: v.boolean(), detail: v.string(), remedy: v.string() }),
    ),
  }),
  async run(context, values, positionals) {
    noPositionals(positionals)
    const checks = [checkNode(), checkSm3(), await checkSm2(), await checkSqlite(), checkBrowser()]
    const ok = checks.every((check) => check.ok || check.optional)
    if (values['json']) context.print(JSON.stringify({ ok, checks }, null, 2))
    else {
      for (const { id, ok: good, detail, remedy } of checks) {
        context.print(`${good ? 'ok  ' : 'no  '} ${id}: ${detail}`)
        if (!good) context.print(`       ${remedy}`)
      }
    }
    return ok ? exitStatus.good : exitStatus.other
  },
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return {
    id: 'node',
    ok: major > 20 || (major === 20 && minor >= 19),
    optional: false,
    detail: `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
    remedy: 'Install Node 20.19 or newer.',
  }
}

function checkSm3(): Check {
  const expected = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'
  const digest = Buffer.from(hash('sm3', utf8('abc'))).toString('hex')
  return {
    id: 'sm3',
    ok: digest === expected,
    optional: false,
    detail: 'SM3 of "abc" (GB/T 32905, example 1)',
    remedy: 'The digest is wrong: do not seal on this machine, and report the runtime.',
  }
}

async function checkSm2(): Promise<Check> {
  // Public key, message and signature of GB/T 32918.5, annex A.2.
  const point = `0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13`
  const publicKey = parsePublicKey(fromHex(`3059301306072a8648ce3d020106082a811ccf5501822d034200${point}`))
  const signature = fromHex(
    '3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
  )
  const ok = await verifySignature({ algorithm: 'sm2-sm3', publicKey, message: utf8('message digest'), signature })
  return {
    id: 'sm2',
    ok,
    optional: false,
    detail: 'SM2 signature of GB/T 32918.5',
    remedy: 'The signature of the standard does not verify: do not seal on this machine, and report the runtime.',
  }
}

async function checkSqlite(): Promise<Check> {
  const version = await import('node:sqlite').then(
    ({ DatabaseSync }) => {
      const database = new DatabaseSync(':memory:')
      const row = database.prepare('select sqlite_version() as version').get()
      database.close()
      return String(row?.version)
    },
    () => undefined,
  )
  return {
    id: 'sqlite',
    ok: version !== undefined,
    optional: true,
    detail: version ? `SQLite ${version} for the embedded store` : 'this Node has no node:sqlite',
    remedy: 'The embedded store needs Node 22.13 or newer; everything else works without it.',
  }
}

function checkBrowser(): Check {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable)
  return {
    id: 'browser',
    ok: found !== undefined,
    optional: true,
    detail: found ?? 'no Chromium on the PATH',
    remedy: 'Only the browser tests of this repository need one.',
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
