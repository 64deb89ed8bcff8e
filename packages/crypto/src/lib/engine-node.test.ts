import * as nodeCrypto from 'node:crypto'
import { fromHex, toHex, utf8 } from '@zhicheng/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { vectors } from '../../test/tools.ts'
import { parsePublicKey } from '../public-key.ts'
import type { Engine } from './engine.ts'
import { ecPkcs8, ecSpki } from './key-encoding.ts'
import { formatSm2Signature } from './sm2.ts'

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
