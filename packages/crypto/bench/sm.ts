/**
 * How fast SM2 and SM3 are beside others, by processor time in alternating rounds of one run.
 * Run: node --conditions=@zhicheng/source bench/sm.ts
 *
 * Peers get what makes them fastest: @noble/curves its table for the base point and for the public key, and (1 + d)^-1
 * made before; sm-crypto-v2 its table for the public key. Everyone draws a new nonce for each signature.
 */
import { execFileSync } from 'node:child_process'
import * as nodeCrypto from 'node:crypto'
import { createRequire } from 'node:module'
import { toHex } from '@zhicheng/core'
import {
  createHash,
  createSignature,
  formatPrivateKeyPem,
  parsePrivateKey,
  sm2Z,
  verifySignature,
} from '@zhicheng/crypto'
import { sm2 as peerSm2, sm3 as peerSm3 } from 'sm-crypto-v2'
import { hasNativeSm2 } from '../src/lib/engines/engine-node.ts'
import { ecPkcs8 } from '../src/lib/keys/key-encoding.ts'
import {
  formatSm2Signature,
  sm2PublicPoint,
  sm2RandomScalar,
  sm2SignDigest,
  sm2VerifyDigest,
  toBytes32,
  toNumber,
} from '../src/lib/sm2/sm2.ts'
import { createSm3 } from '../src/lib/sm3/sm3.ts'
import { invertModuloOrder, nobleSign, nobleSm2, nobleVerify } from '../test/noble-sm2.ts'
import { type Contender, measure } from './lib/rounds.ts'

interface OlderPackage {
  sm2: {
    doSignature(message: string, key: string, options: object): string
    doVerifySignature(message: string, signature: string, point: string, options: object): boolean
  }
  sm3(message: Uint8Array): string
}

const older = createRequire(import.meta.url)('sm-crypto') as OlderPackage

const megabyte = 1_000_000
const big = new Uint8Array(nodeCrypto.randomBytes(megabyte))
const message = new Uint8Array(nodeCrypto.randomBytes(200))
const text = 'm'.repeat(200)
const options = { der: true, hash: true }

const d = sm2RandomScalar()
const privateKey = parsePrivateKey(ecPkcs8('sm2', toBytes32(d), sm2PublicPoint(d)))
const publicKey = privateKey.publicKey!
const native = nodeCrypto.createPrivateKey(formatPrivateKeyPem(privateKey))
const nativePublic = nodeCrypto.createPublicKey({ key: Buffer.from(publicKey.spki), format: 'der', type: 'spki' })
const z = sm2Z(publicKey)
const digest = createSm3().update(z).update(message).digest()
const e = toNumber(digest)
const values = sm2SignDigest(d, digest)
const signature = formatSm2Signature(values)
const inverse = invertModuloOrder(1n + d)
const noblePoint = nobleSm2.fromBytes(publicKey.keyBytes)
noblePoint.precompute(8, false)
const hexKey = toHex(toBytes32(d))
const hexPoint = toHex(publicKey.keyBytes)
const peerPoint = peerSm2.precomputePublicKey(hexPoint)
const peerSignature = peerSm2.doSignature(text, hexKey, { ...options, publicKey: hexPoint })

// More keys than are remembered, so that each comes back as a new one.
const strangers = Array.from({ length: 500 }, () => {
  const scalar = sm2RandomScalar()
  return { point: sm2PublicPoint(scalar), values: sm2SignDigest(scalar, digest) }
})
let turn = 0
function nextStranger(): (typeof strangers)[number] {
  turn = (turn + 1) % strangers.length
  return strangers[turn]!
}

/** The same work for each of a group; the first one is ours. */
interface Group {
  readonly title: string
  /** Operations per second, or MB per second. */
  readonly unit: string
  readonly contenders: readonly Contender[]
  /** At least this ratio to the second contender. */
  readonly goal?: number
}

const groups: readonly Group[] = [
  {
    title: 'SM2 sign in JavaScript, over a digest',
    unit: '/s',
    contenders: [
      { name: 'ours', work: () => sm2SignDigest(d, digest) },
      { name: '@noble/curves with its table', work: () => nobleSign(d, e, sm2RandomScalar(), inverse) },
      { name: 'sm-crypto-v2', work: () => peerSm2.doSignature(text, hexKey, { ...options, publicKey: hexPoint }) },
      { name: 'sm-crypto', work: () => older.sm2.doSignature(text, hexKey, { ...options, publicKey: hexPoint }) },
      { name: 'node:crypto', work: signNatively },
    ],
    goal: 1.5,
  },
  {
    title: 'SM2 verify in JavaScript, a key that came back',
    unit: '/s',
    contenders: [
      { name: 'ours', work: () => expectTrue(sm2VerifyDigest(publicKey.keyBytes, digest, values)) },
      { name: '@noble/curves with both tables', work: () => expectTrue(nobleVerify(noblePoint, e, values)) },
      {
        name: 'sm-crypto-v2 with its table',
        work: () => expectTrue(peerSm2.doVerifySignature(text, peerSignature, peerPoint, options)),
      },
      {
        name: 'sm-crypto',
        work: () => expectTrue(older.sm2.doVerifySignature(text, peerSignature, hexPoint, options)),
      },
      { name: 'node:crypto', work: verifyNatively },
    ],
    goal: 1.5,
  },
  {
    title: 'SM2 verify in JavaScript, a new key each time',
    unit: '/s',
    contenders: [
      {
        name: 'ours',
        work() {
          const { point, values } = nextStranger()
          expectTrue(sm2VerifyDigest(point, digest, values))
        },
      },
      {
        name: '@noble/curves, table of the base point',
        work() {
          const { point, values } = nextStranger()
          expectTrue(nobleVerify(nobleSm2.fromBytes(point), e, values))
        },
      },
      {
        name: 'sm-crypto-v2',
        work: () => expectTrue(peerSm2.doVerifySignature(text, peerSignature, hexPoint, options)),
      },
    ],
    goal: 1,
  },
  {
    title: 'SM3 in JavaScript, 1 MB at a time',
    unit: ' MB/s',
    contenders: [
      { name: 'ours', work: () => createSm3().update(big).digest() },
      { name: 'sm-crypto-v2', work: () => peerSm3(big) },
      { name: 'sm-crypto', work: () => older.sm3(big) },
      { name: 'node:crypto', work: () => nodeCrypto.createHash('sm3').update(big).digest() },
    ],
  },
  {
    title: 'SM2 sign in Node: createSignature, 200 bytes',
    unit: '/s',
    contenders: [
      { name: 'ours', work: () => createSignature({ privateKey, message }) },
      { name: 'node:crypto, key and Z prepared', work: signNatively },
    ],
    goal: 0.95,
  },
  {
    title: 'SM2 verify in Node: verifySignature, 200 bytes',
    unit: '/s',
    contenders: [
      {
        name: 'ours',
        work: async () => expectTrue(await verifySignature({ algorithm: 'sm2-sm3', publicKey, message, signature })),
      },
      { name: 'node:crypto, key and Z prepared', work: verifyNatively },
    ],
    goal: 0.95,
  },
  {
    title: 'SM3 in Node: createHash, 1 MB at a time',
    unit: ' MB/s',
    contenders: [
      { name: 'ours', work: () => createHash('sm3').update(big).digest() },
      { name: 'node:crypto', work: () => nodeCrypto.createHash('sm3').update(big).digest() },
    ],
    goal: 0.95,
  },
]

function signNatively(): Uint8Array {
  return nodeCrypto.createSign('sm3').update(z).update(message).sign(native)
}

function verifyNatively(): void {
  expectTrue(nodeCrypto.createVerify('sm3').update(z).update(message).verify(nativePublic, signature))
}

// A contender that says no has not done the work.
function expectTrue(verified: boolean): void {
  if (!verified) throw new Error('A contender refused a good signature.')
}

/** What the openssl command says of itself, by user time of one thread, in MB per second. */
function opensslSm3(): number {
  const args = ['speed', '-mr', '-seconds', '1', '-bytes', String(big.length), '-evp', 'sm3']
  const answer = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return Number(answer.trim().split(':').at(-1)) / megabyte
}

/** Ours by user time too, which is what the command counts. */
function ownSm3(): number {
  const begin = process.cpuUsage()
  for (let count = 0; count < 300; count += 1) createHash('sm3').update(big).digest()
  return (300 * big.length) / process.cpuUsage(begin).user
}

/** The command does not run inside the rounds, so both take turns here. */
function besideOpenssl(): [ours: number, command: number] {
  const pairs = Array.from({ length: 7 }, () => [ownSm3(), opensslSm3()] as const)
  const middle = (index: 0 | 1) => pairs.map((pair) => pair[index]).sort((left, right) => left - right)[3]!
  return [middle(0), middle(1)]
}

/** What the command says of SM2: signatures and verifications per second. */
function opensslSm2(): [signing: number, verifying: number] {
  const args = ['speed', '-mr', '-seconds', '1', 'sm2']
  const answer = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const [verifying, signing] = answer.trim().split(':').map(Number).reverse()
  return [signing!, verifying!]
}

function judge(title: string, ratio: number, goal: number, format: (value: number) => string): void {
  const holds = ratio >= goal
  console.log(`  ${title}: ${format(ratio)}, goal ${format(goal)}: ${holds ? 'holds' : 'DOES NOT HOLD'}`)
  if (!holds) process.exitCode = 1
}

if (!hasNativeSm2()) throw new Error('The OpenSSL of this Node does no SM2, so there is nothing to compare with.')
const times = (ratio: number) => `${ratio.toFixed(2)} times`
for (const { title, unit, contenders, goal } of groups) {
  // A goal of 0.95 needs more rounds than one of 1.5 to stand out from the noise of a busy machine.
  const figures = await measure(contenders, goal === 0.95 ? 45 : 15)
  const rates = contenders.map(({ name }) => 1000 / figures.get(name)!)
  console.log(`\n${title} (Node ${process.version}, per second of processor time)`)
  contenders.forEach(({ name }, index) => {
    const rate = rates[index]!.toFixed(unit === '/s' ? 0 : 1)
    console.log(`  ${name.padEnd(40)}${rate.padStart(8)}${unit.padEnd(6)} ours is ${times(rates[0]! / rates[index]!)}`)
  })
  if (goal !== undefined) judge(`beside ${contenders[1]!.name}`, rates[0]! / rates[1]!, goal, times)
  if (title.startsWith('SM3 in JavaScript')) judge('by itself', rates[0]!, 150, (rate) => `${rate.toFixed(0)} MB/s`)
  if (title.startsWith('SM3 in Node')) {
    const [ours, command] = besideOpenssl()
    console.log(`  ${'ours, by user time'.padEnd(40)}${ours.toFixed(1).padStart(8)} MB/s`)
    console.log(`  ${'openssl speed, by user time'.padEnd(40)}${command.toFixed(1).padStart(8)} MB/s`)
    judge('beside openssl speed', ours / command, 0.95, times)
  }
}
const [signing, verifying] = opensslSm2()
console.log(
  `\nopenssl speed sm2, without hashing: ${signing.toFixed(0)} signatures/s, ${verifying.toFixed(0)} verifications/s`,
)
