/**
 * How fast SM4 is: megabytes (10^6 bytes) per second of processor time, beside sm-crypto-v2 and the openssl command.
 * Run: node --conditions=@zhicheng/source bench/sm4.ts
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { sm4 as peer } from 'sm-crypto-v2'
import { openGcm, sealGcm } from '../src/lib/sm4/gcm.ts'
import { javaScriptSm4 } from '../src/lib/sm4/sm4-javascript.ts'
import type { BlockCipherModes } from '../src/lib/sm4/sm4-modes.ts'
import { nodeSm4, openssl } from '../src/lib/sm4/sm4-native.ts'

const seconds = 1.5
const key = new Uint8Array(randomBytes(16))
const iv = new Uint8Array(randomBytes(16))

function measure(bytes: number, work: () => unknown): number {
  const run = (processorSeconds: number): number => {
    const start = process.cpuUsage()
    for (let count = 1; ; count += 1) {
      work()
      const { user, system } = process.cpuUsage(start)
      if (user + system > processorSeconds * 1e6) return (count * bytes) / (user + system)
    }
  }
  run(seconds / 3)
  return run(seconds)
}

function rowsOf(bytes: number): readonly (readonly [string, number])[] {
  const text = new Uint8Array(randomBytes(bytes))
  const gcm = { key, iv: iv.subarray(4), additionalData: new Uint8Array(20), tagLength: 16 }
  const array = { output: 'array' } as const
  const own = (name: string, modes: BlockCipherModes) => {
    const sealed = sealGcm(modes, gcm, text)
    return [
      [`${name} CBC encrypt`, measure(bytes, () => modes.cbc('encrypt', key, iv, text))],
      [`${name} CBC decrypt`, measure(bytes, () => modes.cbc('decrypt', key, iv, text))],
      [`${name} CTR`, measure(bytes, () => modes.ctr(key, iv, text))],
      [`${name} GCM encrypt`, measure(bytes, () => sealGcm(modes, gcm, text))],
      [`${name} GCM decrypt`, measure(bytes, () => openGcm(modes, gcm, sealed))],
    ] as const
  }
  return [
    ...own('native', openssl),
    ...own('chosen', nodeSm4()),
    ...own('JavaScript', javaScriptSm4),
    ['sm-crypto-v2 CBC encrypt', measure(bytes, () => peer.encrypt(text, key, { mode: 'cbc', iv, ...array }))],
    [
      'sm-crypto-v2 GCM encrypt',
      measure(bytes, () => peer.encrypt(text, key, { mode: 'gcm', iv: gcm.iv, outputTag: true, ...array })),
    ],
  ]
}

/** What the command itself measures, in the processor time of one thread. */
function opensslSpeed(bytes: number): number {
  const args = ['speed', '-mr', '-seconds', '2', '-bytes', String(bytes), '-evp', 'sm4-cbc']
  const result = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return Number(result.trim().split(':').at(-1)) / 1e6
}

if (nodeSm4() === javaScriptSm4) throw new Error('The OpenSSL of this Node has no SM4.')
for (const bytes of [256, 1_048_576]) {
  const rows = new Map(rowsOf(bytes))
  const command = opensslSpeed(bytes)
  console.log(`\n${bytes} bytes at a time, MB per processor second (Node ${process.version}):`)
  for (const [name, rate] of rows) console.log(`  ${name.padEnd(26)}${rate.toFixed(1).padStart(8)}`)
  console.log(`  ${'openssl speed CBC'.padEnd(26)}${command.toFixed(1).padStart(8)}`)
  const print = (label: string, against: number, ...names: readonly string[]) => {
    const ratios = names.map((name) => `${name} ${(rows.get(name)! / against).toFixed(2)}`)
    console.log(`  times ${label}: ${ratios.join(', ')}`)
  }
  for (const mode of ['CBC encrypt', 'GCM encrypt']) {
    print(`sm-crypto-v2 ${mode}`, rows.get(`sm-crypto-v2 ${mode}`)!, `chosen ${mode}`, `JavaScript ${mode}`)
  }
  print('openssl speed CBC', command, 'chosen CBC encrypt', 'JavaScript CBC encrypt')
}
