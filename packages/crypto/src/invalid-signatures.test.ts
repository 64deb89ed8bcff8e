import * as nodeCrypto from 'node:crypto'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
// @ts-expect-error the older peer has no types
import olderPeer from 'sm-crypto'
import { sm2 as peer } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from './certificate.ts'
import { der, parseDer, readInteger } from './der.ts'
import type { ClassicAlgorithm, Engine } from './lib/engines/engine.ts'
import { engine as nodeEngine } from './lib/engines/engine-node.ts'
import { engine as webEngine } from './lib/engines/engine-web.ts'
import { type CurveKind, curves } from './lib/keys/curves.ts'
import { ecPkcs8, ecSpki } from './lib/keys/key-encoding.ts'
import { toNumber } from './lib/sm2/sm2.ts'
import { type PublicKey, parsePublicKey, sm2Z, verifySignature } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { createTestAuthority } from './testing.ts'

const message = utf8('样例行政许可决定书')
const engines: readonly (readonly [string, Engine])[] = [
  ['Node', nodeEngine],
  ['web', webEngine],
]

interface Signed {
  readonly algorithm: SignatureAlgorithm
  readonly key: PublicKey
  readonly signature: Uint8Array
}

/** What one engine says; none of them may throw for a signature. */
async function verifyWith(
  engine: Engine,
  { algorithm, key }: Omit<Signed, 'signature'>,
  signature: Uint8Array,
): Promise<boolean> {
  if (algorithm !== 'sm2-sm3') return engine.verify(algorithm as ClassicAlgorithm, key, message, signature)
  return engine.sm2Verify(key, sm2Z(key), message, signature)
}

/** The public answer and those of both engines. */
async function answers(signed: Omit<Signed, 'signature'>, signature: Uint8Array): Promise<boolean[]> {
  const { algorithm, key: publicKey } = signed
  return [
    await verifySignature({ algorithm, publicKey, message, signature }),
    ...(await Promise.all(engines.map(([, engine]) => verifyWith(engine, signed, signature)))),
  ]
}

const all = [true, true, true]
const none = [false, false, false]

const algorithms: Readonly<Record<CurveKind, SignatureAlgorithm>> = {
  sm2: 'sm2-sm3',
  'ec-p256': 'ecdsa-p256-sha256',
  'ec-p384': 'ecdsa-p384-sha384',
  'ec-p521': 'ecdsa-p521-sha512',
}
const kinds = Object.keys(algorithms) as CurveKind[]

async function signedOn(kind: CurveKind): Promise<Signed> {
  const pair = nodeCrypto.generateKeyPairSync('ec', {
    namedCurve: { sm2: 'SM2', 'ec-p256': 'P-256', 'ec-p384': 'P-384', 'ec-p521': 'P-521' }[kind],
  })
  const key = parsePublicKey(new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })))
  const algorithm = algorithms[kind]
  const material = { kind, pkcs8: new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' })) }
  const signature =
    algorithm === 'sm2-sm3'
      ? nodeEngine.sm2Sign(material, sm2Z(key), message)
      : await nodeEngine.sign(algorithm, material, message)
  return { algorithm, key, signature }
}

const samples = Object.fromEntries(
  await Promise.all(kinds.map(async (kind) => [kind, await signedOn(kind)])),
) as Record<CurveKind, Signed>

const pair = (r: bigint, s: bigint): Uint8Array => der.sequence(der.integer(r), der.integer(s))

/** A value with a header written by hand. */
const raw = (header: readonly number[], ...content: readonly Uint8Array[]): Uint8Array =>
  concatBytes(Uint8Array.from(header), ...content)

type Numbers = { r: bigint; s: bigint; n: bigint; size: number }

const wrongNumbers: Readonly<Record<string, (numbers: Numbers) => Uint8Array>> = {
  'r is zero': ({ s }) => pair(0n, s),
  's is zero': ({ r }) => pair(r, 0n),
  'both are zero (CVE-2022-21449)': () => pair(0n, 0n),
  'r is n': ({ s, n }) => pair(n, s),
  's is n': ({ r, n }) => pair(r, n),
  'both are n': ({ n }) => pair(n, n),
  'r is n + 1': ({ s, n }) => pair(n + 1n, s),
  's is n + 1': ({ r, n }) => pair(r, n + 1n),
  'r is larger by n (CVE-2026-23967)': ({ r, s, n }) => pair(r + n, s),
  's is larger by n (CVE-2026-23967)': ({ r, s, n }) => pair(r, s + n),
  'both are larger by n': ({ r, s, n }) => pair(r + n, s + n),
  'r is smaller by n': ({ r, s, n }) => pair(r - n, s),
  's is smaller by n': ({ r, s, n }) => pair(r, s - n),
  'r is negative': ({ r, s }) => pair(-r, s),
  's is negative': ({ r, s }) => pair(r, -s),
  'r and s are exchanged': ({ r, s }) => pair(s, r),
  'r + s is n': ({ r, n }) => pair(r, n - r),
  'both are one': () => pair(1n, 1n),
  'r has a thousand digits': ({ s }) => pair(1n << 4000n, s),
}

const wrongForms: Readonly<Record<string, (good: Uint8Array, numbers: Numbers) => Uint8Array>> = {
  'a byte follows': (good) => concatBytes(good, Uint8Array.of(0)),
  'a value follows': (good) => concatBytes(good, der.null()),
  'a byte stands before': (good) => concatBytes(Uint8Array.of(0), good),
  'the last byte is missing': (good) => good.subarray(0, -1),
  'a third number follows': (_, { r, s }) => der.sequence(der.integer(r), der.integer(s), der.integer(1)),
  'there is one number': (_, { r }) => der.sequence(der.integer(r)),
  'there are no numbers': () => der.sequence(),
  'a number is empty': (_, { r }) => der.sequence(der.integer(r), raw([2, 0])),
  'the length of the whole is longer than needed': (_, { r, s }) => {
    const content = concatBytes(der.integer(r), der.integer(s))
    return raw([0x30, 0x82, 0, content.length], content)
  },
  'the length of a number is longer than needed': (_, { r, s }) => {
    const { content } = parseDer(der.integer(s))
    return der.sequence(der.integer(r), raw([2, 0x81, content.length], content))
  },
  'the length is indefinite': (_, { r, s }) => raw([0x30, 0x80], der.integer(r), der.integer(s), new Uint8Array(2)),
  'a number is padded': (_, { r, s }) => {
    const { content } = parseDer(der.integer(s))
    return der.sequence(der.integer(r), raw([2, content.length + 1, 0], content))
  },
  'it is a SET': (_, { r, s }) => raw([0x31, ...der.sequence(der.integer(r), der.integer(s)).subarray(1)]),
  'a number is ENUMERATED': (_, { r, s }) => der.sequence(raw([0x0a, ...der.integer(r).subarray(1)]), der.integer(s)),
  'a number is an OCTET STRING': (_, { r, s }) =>
    der.sequence(der.integer(r), raw([0x04, ...der.integer(s).subarray(1)])),
  'it is r and s without DER': (_, { r, s, size }) => concatBytes(padded(r, size), padded(s, size)),
  'it is wrapped in an OCTET STRING': (good) => der.octetString(good),
  'it is wrapped in a BIT STRING': (good) => der.bitString(good),
  'it is empty': () => new Uint8Array(),
  'it is a megabyte of nothing': () => der.sequence(new Uint8Array(1_000_000)),
}

function padded(value: bigint, size: number): Uint8Array {
  return fromHex(value.toString(16).padStart(size * 2, '0'))
}

function numbersOf({ signature }: Signed, kind: CurveKind): Numbers {
  const [r, s] = parseDer(signature).children.map((node) => readInteger(node))
  const { n, size } = curves[kind]
  return { r: r!, s: s!, n, size }
}

describe.each(kinds)('signatures on the curve of %s', (kind) => {
  const signed = samples[kind]
  const numbers = numbersOf(signed, kind)

  it('verify as they were made', async () => {
    expect(await answers(signed, signed.signature)).toEqual(all)
    expect(pair(numbers.r, numbers.s)).toEqual(signed.signature)
  })

  it.each(Object.keys(wrongNumbers))('are refused, not an error, when %s', async (title) => {
    expect(await answers(signed, wrongNumbers[title]!(numbers))).toEqual(none)
  })

  it.each(Object.keys(wrongForms))('are refused, not an error, when %s', async (title) => {
    expect(await answers(signed, wrongForms[title]!(signed.signature, numbers))).toEqual(none)
  })

  it('have a twin under ECDSA, which is part of that standard, and none under SM2', async () => {
    const { r, s, n } = numbers
    expect(await answers(signed, pair(r, n - s))).toEqual(kind === 'sm2' ? none : all)
  })
})

describe('SM2 signatures of peers', () => {
  const keys = peer.generateKeyPairHex()
  const signed = { algorithm: 'sm2-sm3', key: parsePublicKey(ecSpki('sm2', fromHex(keys.publicKey))) } as const
  const text = Array.from(message)

  it('over SM3(Z ‖ M) are good', async () => {
    const ours = (signature: string) => answers(signed, fromHex(signature))
    expect(await ours(peer.doSignature(message, keys.privateKey, { der: true, hash: true }))).toEqual(all)
    expect(await ours(olderPeer.sm2.doSignature(text, keys.privateKey, { der: true, hash: true }))).toEqual(all)
  })

  it('without Z (CVE-2026-23965), over a bare digest or for an empty user identifier are refused', async () => {
    const digest = nodeCrypto.createHash('sm3').update(message).digest()
    for (const signature of [
      peer.doSignature(message, keys.privateKey, { der: true, hash: false }),
      olderPeer.sm2.doSignature(text, keys.privateKey, { der: true, hash: false }),
      peer.doSignature(digest, keys.privateKey, { der: true, hash: false }),
      olderPeer.sm2.doSignature(Array.from(digest), keys.privateKey, { der: true, hash: false }),
    ]) {
      expect(await answers(signed, fromHex(signature))).toEqual(none)
    }
    const pkcs8 = Buffer.from(ecPkcs8('sm2', fromHex(keys.privateKey), undefined))
    const native = nodeCrypto.createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    // What crypto.sign makes has a Z, but one for no identifier at all.
    expect(await answers(signed, new Uint8Array(nodeCrypto.sign('sm3', message, native)))).toEqual(none)
  })

  it('as ECDSA over the SM2 curve, which Node makes with a key it has just generated, are refused', async () => {
    const fresh = nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'SM2' })
    const key = parsePublicKey(new Uint8Array(fresh.publicKey.export({ format: 'der', type: 'spki' })))
    expect(key.kind).toBe('sm2')
    const signature = new Uint8Array(nodeCrypto.sign('sha256', message, fresh.privateKey))
    expect(await answers({ algorithm: 'sm2-sm3', key }, signature)).toEqual(none)
  })
})

describe('RSA signatures', () => {
  const native = nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
  const key = parsePublicKey(new Uint8Array(native.publicKey.export({ format: 'der', type: 'spki' })))
  const n = readInteger(parseDer(key.keyBytes).children[0])
  const signed = { algorithm: 'rsa-sha256', key } as const
  const good = new Uint8Array(nodeCrypto.sign('sha256', message, native.privateKey))
  const prefix = '3031300d060960864801650304020105000420'
  const digest = nodeCrypto.createHash('sha256').update(message).digest('hex')

  it('verify as they were made', async () => {
    expect(await answers(signed, good)).toEqual(all)
  })

  // Bleichenbacher's forgery of 2006 (CVE-2006-4339): with the exponent 3, whoever does not look at what follows the
  // digest takes a cube root for a signature.
  it.each([
    ['followed by anything', `0001${'ff'.repeat(8)}00${prefix}${digest}`],
    ['without padding', `000100${prefix}${digest}`],
    ['with one byte of padding', `0001ff00${prefix}${digest}`],
    ['with a parameter of any length', `0001${'ff'.repeat(8)}00${prefix.replace('0500', '0580')}${digest}`],
  ])('that are cube roots of a block %s are refused', async (_title, start) => {
    const block = BigInt(`0x${start.padEnd(512, '0')}`)
    const root = cubeRoot(block) + 1n
    expect((root ** 3n).toString(16).padStart(512, '0').startsWith(start)).toBe(true)
    expect(await answers(signed, padded(root, 256))).toEqual(none)
  })

  it.each([
    ['zero', new Uint8Array(256)],
    ['one', padded(1n, 256)],
    ['n - 1', padded(n - 1n, 256)],
    ['n', padded(n, 256)],
    ['larger by n', padded(toNumber(good) + n, 257)],
    ['longer by a zero in front', concatBytes(Uint8Array.of(0), good)],
    ['longer by a zero behind', concatBytes(good, Uint8Array.of(0))],
    ['shorter by a byte', good.subarray(1)],
    ['negated', padded(n - toNumber(good), 256)],
    ['empty', new Uint8Array()],
    ['in DER', der.octetString(good)],
  ])('that are %s are refused, not an error', async (_title, signature) => {
    expect(await answers(signed, signature)).toEqual(none)
    expect(await answers({ ...signed, algorithm: 'rsa-pss-sha256' }, signature)).toEqual(none)
  })

  it('with another digest, another padding or another salt than named are refused', async () => {
    const pss = (saltLength: number) => ({ padding: nodeCrypto.constants.RSA_PKCS1_PSS_PADDING, saltLength })
    const sign = (name: string, options: object) =>
      new Uint8Array(nodeCrypto.sign(name, message, { key: native.privateKey, ...options }))
    expect(await answers(signed, sign('sha1', {}))).toEqual(none)
    expect(await answers(signed, sign('sha512', {}))).toEqual(none)
    expect(await answers(signed, sign('sha256', pss(32)))).toEqual(none)
    const wanted = { ...signed, algorithm: 'rsa-pss-sha256' } as const
    expect(await answers(wanted, sign('sha256', pss(32)))).toEqual(all)
    for (const salt of [0, 20, 64]) expect(await answers(wanted, sign('sha256', pss(salt)))).toEqual(none)
    expect(await answers(wanted, sign('sha512', pss(32)))).toEqual(none)
    expect(await answers(wanted, good)).toEqual(none)
  })
})

function cubeRoot(value: bigint): bigint {
  let low = 0n
  let high = 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1)
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (middle ** 3n <= value) low = middle
    else high = middle - 1n
  }
  return low
}

describe('Ed25519 signatures', () => {
  const native = nodeCrypto.generateKeyPairSync('ed25519')
  const key = parsePublicKey(new Uint8Array(native.publicKey.export({ format: 'der', type: 'spki' })))
  const signed = { algorithm: 'ed25519', key } as const
  const good = new Uint8Array(nodeCrypto.sign(null, message, native.privateKey))
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const little = (value: bigint): Uint8Array => padded(value, 32).reverse()
  const s = toNumber(good.slice(32).reverse())

  it('verify as they were made', async () => {
    expect(await answers(signed, good)).toEqual(all)
  })

  it.each([
    ['S is larger by the order (RFC 8032, 8.4)', concatBytes(good.subarray(0, 32), little(s + order))],
    ['S is zero', concatBytes(good.subarray(0, 32), new Uint8Array(32))],
    ['R is the neutral point and S is zero', concatBytes(Uint8Array.of(1), new Uint8Array(63))],
    ['it is all zeros', new Uint8Array(64)],
    ['a byte follows', concatBytes(good, Uint8Array.of(0))],
    ['it is short', good.subarray(0, 63)],
    ['it is in DER', der.sequence(der.octetString(good))],
    ['it is one of ECDSA', samples['ec-p256'].signature],
    ['it is one of SM2', samples.sm2.signature],
  ])('are refused, not an error, when %s', async (_title, signature) => {
    expect(await answers(signed, signature)).toEqual(none)
  })
})

describe('algorithms and keys that do not belong together', () => {
  const names: readonly SignatureAlgorithm[] = [
    ...(['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'rsa-pss-sha256', 'ed25519', 'sm2-sm3'] as const),
    ...(['ecdsa-p256-sha256', 'ecdsa-p384-sha384', 'ecdsa-p521-sha512'] as const),
  ]

  it.each(kinds)('never make a signature of %s good', async (kind) => {
    const { key: publicKey, signature, algorithm: own } = samples[kind]
    for (const algorithm of names.filter((name) => name !== own)) {
      await expect(verifySignature({ algorithm, publicKey, message, signature })).resolves.toBe(false)
    }
    for (const other of kinds.filter((name) => name !== kind)) {
      expect(await answers({ algorithm: algorithms[other], key: samples[other].key }, signature)).toEqual(none)
    }
  })
})

describe('the BIT STRING of a signature', () => {
  it('holds whole bytes, or the certificate, request or list is refused', async () => {
    const { certificate } = await createTestAuthority({ algorithm: 'sm2', name: '样例根' })
    const [body, algorithm, signature] = parseDer(certificate.der).children
    for (const unused of [1, 4, 7, 8, 255]) {
      const bits = der.bitString(signature!.content.subarray(1))
      bits[bits.length - signature!.content.length] = unused
      const altered = der.sequence(body!.bytes, algorithm!.bytes, bits)
      expect(() => parseCertificate(altered)).toThrow(expect.objectContaining({ code: 'ERR_DER_INVALID' }))
    }
    expect(toHex(parseCertificate(certificate.der).signature)).toBe(toHex(signature!.content.subarray(1)))
  })
})
