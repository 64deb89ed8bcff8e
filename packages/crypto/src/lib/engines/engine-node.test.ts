import * as nodeCrypto from 'node:crypto'
import { fromHex, toHex, utf8 } from '@zhicheng/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { vectors } from '../../../test/tools.ts'
import { formatPublicKeyPem, parsePublicKey } from '../../public-key.ts'
import { ecPkcs8, ecSpki } from '../keys/key-encoding.ts'
import { formatSm2Signature } from '../sm2/sm2.ts'
import type { Engine } from './engine.ts'

const example = vectors.sm2Sign
const key = parsePublicKey(ecSpki('sm2', fromHex(`04${example.Px}${example.Py}`)))
const material = { kind: 'sm2', pkcs8: ecPkcs8('sm2', fromHex(example.d), undefined) } as const
const z = fromHex(example.Z)
const message = utf8(example.message)

/** The engine over a node:crypto in which some functions are replaced. */
async function engineOver(
  replaced: Partial<Record<keyof typeof nodeCrypto, unknown>>,
): Promise<{ engine: Engine; hasNativeSm2: () => boolean }> {
  vi.resetModules()
  vi.doMock('node:crypto', () => ({ ...nodeCrypto, ...replaced }))
  return import('./engine-node.ts')
}

afterEach(() => {
  vi.doUnmock('node:crypto')
  vi.resetModules()
})

describe('the Node engine over an OpenSSL that is not as expected', () => {
  it.each([
    [
      'fails',
      () => {
        throw new Error('unsupported')
      },
    ],
    ['accepts everything', () => ({ update: () => ({ update: () => ({ verify: () => true }) }) })],
    ['refuses everything', () => ({ update: () => ({ update: () => ({ verify: () => false }) }) })],
  ])('does SM2 in JavaScript where the native one %s', async (_name, createVerify) => {
    const { engine, hasNativeSm2 } = await engineOver({ createVerify })
    expect(hasNativeSm2()).toBe(false)
    const signature = formatSm2Signature({ r: BigInt(`0x${example.r}`), s: BigInt(`0x${example.s}`) })
    expect(engine.sm2Verify(key, z, message, signature)).toBe(true)
    expect(engine.sm2Verify(key, z, utf8('other'), signature)).toBe(false)
    const own = engine.sm2Sign(material, z, message)
    const native = nodeCrypto.createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' })
    expect(nodeCrypto.createVerify('sm3').update(z).update(message).verify(native, own)).toBe(true)
  })

  it('does SM3 in JavaScript where OpenSSL has none', async () => {
    const { engine } = await engineOver({ getHashes: () => ['sha256'] })
    const expected = nodeCrypto.createHash('sm3').update('abc').digest('hex')
    expect(toHex(engine.createHash('sm3').update(utf8('abc')).digest())).toBe(expected)
  })
})

describe('the Node engine', () => {
  it('imports a key once, however often it signs or verifies', async () => {
    const imports: string[] = []
    // Making a public key of a private one that is imported already parses nothing.
    const count = (name: string, input: unknown) => {
      if (!(input instanceof nodeCrypto.KeyObject)) imports.push(name)
    }
    const replaced = {
      createPrivateKey(input: Parameters<typeof nodeCrypto.createPrivateKey>[0]) {
        count('private', input)
        return nodeCrypto.createPrivateKey(input)
      },
      createPublicKey(input: Parameters<typeof nodeCrypto.createPublicKey>[0]) {
        count('public', input)
        return nodeCrypto.createPublicKey(input)
      },
    }
    const { hasNativeSm2 } = await engineOver(replaced)
    const { createSignature, parsePrivateKey } = await import('../../private-key.ts')
    const keys = await import('../../public-key.ts')
    expect(hasNativeSm2()).toBe(true)
    imports.length = 0
    const { privateKey: native } = nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'SM2' })
    const privateKey = parsePrivateKey(native.export({ format: 'pem', type: 'pkcs8' }).toString())
    const publicKey = keys.parsePublicKey(formatPublicKeyPem(privateKey.publicKey!))
    for (let round = 0; round < 5; round += 1) {
      const signature = await createSignature({ privateKey, message })
      const input = { algorithm: 'sm2-sm3', publicKey, message, signature } as const
      await expect(keys.verifySignature(input)).resolves.toBe(true)
      await expect(keys.verifySignature({ ...input, message: z })).resolves.toBe(false)
    }
    expect(imports).toEqual(['private', 'public'])
  })
})
