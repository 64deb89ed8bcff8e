import { secret, utf8 } from '@zhicheng/core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Certificate } from '../../certificate.ts'
import { createTestAuthority, createTestDigestSigner, type DigestSigner } from '../../testing.ts'
import { ecdsaSignatureToRaw } from '../keys/ecdsa-signature.ts'

// A library in JavaScript behind the functions of koffi that are used: it lies as no honest library would, and it has the
// memory of Windows, where integers have 4 bytes and structures are packed.

const names = {
  0: 'C_Initialize',
  4: 'C_GetSlotList',
  6: 'C_GetTokenInfo',
  12: 'C_OpenSession',
  13: 'C_CloseSession',
  18: 'C_Login',
  19: 'C_Logout',
  24: 'C_GetAttributeValue',
  26: 'C_FindObjectsInit',
  27: 'C_FindObjects',
  28: 'C_FindObjectsFinal',
  42: 'C_SignInit',
  43: 'C_Sign',
} as const

type Name = (typeof names)[keyof typeof names]
type Call = (...args: never[]) => number

let certificate: Certificate
let signDigest: DigestSigner

beforeAll(async () => {
  const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
  const made = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
  certificate = made.certificateChain[0]
  signDigest = createTestDigestSigner(made.privateKeyPem)
})

function device(ulongSize: 4 | 8, lies: Partial<Record<Name, Call>> = {}) {
  const memory = new Map<bigint, Uint8Array>()
  const calls: Name[] = []
  let running = 0
  let mostAtOnce = 0

  const read = (bytes: Uint8Array, offset = 0): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset)
    return ulongSize === 4 ? view.getUint32(0, true) : Number(view.getBigUint64(0, true))
  }
  const write = (bytes: Uint8Array, value: number, offset = 0): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset)
    if (ulongSize === 4) view.setUint32(0, value, true)
    else view.setBigUint64(0, BigInt(value), true)
  }
  const pointer = (bytes: Uint8Array, offset: number): Uint8Array | undefined =>
    memory.get(new DataView(bytes.buffer, bytes.byteOffset + offset).getBigUint64(0, true))

  const honest: Record<Name, Call> = {
    C_Initialize: () => 0,
    C_GetSlotList: (_present: number, slots: Uint8Array, count: Uint8Array) => {
      write(slots, 7)
      write(count, 1)
      return 0
    },
    C_GetTokenInfo: (_slot: number, info: Uint8Array) => {
      info.set(utf8('seal'.padEnd(32)))
      write(info, 0x404, 96)
      return 0
    },
    C_OpenSession: (_slot: number, _flags: number, _a: null, _b: null, handle: Uint8Array) => {
      write(handle, 1)
      return 0
    },
    C_CloseSession: () => 0,
    C_Login: () => 0,
    C_Logout: () => 0,
    C_GetAttributeValue: (_session: number, _object: number, attribute: Uint8Array) => {
      expect(attribute).toHaveLength(ulongSize * 2 + 8)
      // A key on a curve, and nothing else to tell.
      if (read(attribute) !== 0x100) return 0x12
      write(attribute, ulongSize, ulongSize + 8)
      const value = pointer(attribute, ulongSize)
      if (value) write(value, 3)
      return 0
    },
    C_FindObjectsInit: (_session: number, template: Uint8Array, count: number) => {
      expect(template).toHaveLength(count * (ulongSize * 2 + 8))
      expect(read(pointer(template, ulongSize)!)).toBe(3)
      return 0
    },
    C_FindObjects: (_session: number, handles: Uint8Array, _most: number, count: Uint8Array) => {
      write(handles, 5)
      write(count, 1)
      return 0
    },
    C_FindObjectsFinal: () => 0,
    C_SignInit: (_session: number, mechanism: Uint8Array, key: number) => {
      expect([mechanism.length, read(mechanism), key]).toEqual([ulongSize * 2 + 8, 0x1041, 5])
      return 0
    },
    C_Sign: (_session: number, data: Uint8Array, _length: number, signature: Uint8Array, length: Uint8Array) => {
      signature.set(ecdsaSignatureToRaw(signDigest('ecdsa-p256-sha256', data), 32)!)
      write(length, 64)
      return 0
    },
  }
  const functions = { ...honest, ...lies }

  const koffi = {
    sizeof: (type: string) => (type === 'unsigned long' ? ulongSize : 8),
    address(bytes: Uint8Array) {
      const address = BigInt(memory.size + 1) * 4096n
      memory.set(address, bytes)
      return address
    },
    proto: () => undefined,
    load: () => ({ func: () => () => 0 }),
    decode(from: unknown, second: unknown) {
      if (from instanceof Uint8Array) return 'list'
      if (from === 'list') return { place: ((second as number) - (ulongSize === 4 ? 2 : 8)) / 8 }
      const name = names[(from as { place: keyof typeof names }).place]
      return {
        async(...args: unknown[]) {
          const done = args.pop() as (error: unknown, result: number) => void
          running += 1
          mostAtOnce = Math.max(mostAtOnce, running)
          calls.push(name)
          setTimeout(() => {
            running -= 1
            done(null, functions[name](...(args as never[])))
          }, 1)
        },
      }
    },
  }
  return { koffi, calls, write, mostAtOnce: () => mostAtOnce }
}

async function open({ koffi }: ReturnType<typeof device>) {
  vi.resetModules()
  vi.doMock('koffi', () => koffi)
  const { pkcs11Signer } = await import('../../pkcs11.ts')
  return pkcs11Signer({ module: '/fake.so', pin: secret('123456'), certificateChain: [certificate] })
}

afterEach(() => {
  vi.doUnmock('koffi')
  vi.resetModules()
})

const message = utf8('样例行政许可决定书')
const ulongs = [4, 8] as const

describe.each(ulongs)('a library whose integers have %i bytes', (size) => {
  it('is spoken to in its own layout', async () => {
    const fake = device(size)
    const signer = await open(fake)
    expect((await signer.sign(message))[0]).toBe(0x30)
    await signer.close()
    expect(fake.calls.slice(-4)).toEqual(['C_SignInit', 'C_Sign', 'C_Logout', 'C_CloseSession'])
  })

  it('that cannot lock is in one function only at any time', async () => {
    let first = true
    const fake = device(size, {
      C_Initialize: (args: Uint8Array | null) => {
        const result = first && args !== null ? 8 : 0
        first = false
        return result
      },
    })
    vi.resetModules()
    vi.doMock('koffi', () => fake.koffi)
    const { pkcs11Signer } = await import('../../pkcs11.ts')
    const options = { module: '/fake.so', pin: '123456', certificateChain: [certificate] }
    const signers = await Promise.all([pkcs11Signer(options), pkcs11Signer(options)])
    await Promise.all(signers.flatMap((signer) => [signer.sign(message), signer.sign(message)]))
    expect(fake.mostAtOnce()).toBe(1)
    await Promise.all(signers.map((signer) => signer.close()))
    expect(fake.calls.filter((name) => name === 'C_Logout')).toHaveLength(1)
  })

  it.each<[string, (write: ReturnType<typeof device>['write']) => Partial<Record<Name, Call>>, object]>([
    [
      'more slots than there was room for',
      (write) => ({
        C_GetSlotList: (_: number, slots: Uint8Array, count: Uint8Array) => {
          write(slots, 7)
          write(count, 0xffffffff)
          return 0
        },
      }),
      { code: 'ERR_PKCS11_NOT_FOUND' },
    ],
    [
      'more objects than there was room for',
      (write) => ({
        C_FindObjects: (_: number, _handles: Uint8Array, _most: number, count: Uint8Array) => {
          write(count, 0xffffffff)
          return 0
        },
      }),
      { code: 'ERR_PKCS11_NOT_FOUND', facts: { found: 256 } },
    ],
    [
      'a return value of its vendor',
      () => ({ C_OpenSession: () => 0x80000123 }),
      { code: 'ERR_PKCS11_FAILED', facts: { function: 'C_OpenSession', result: 'CKR 0x80000123' } },
    ],
    [
      'a token that is locked',
      () => ({ C_Login: () => 0xa4, C_CloseSession: () => 0xb3 }),
      { code: 'ERR_PKCS11_FAILED', facts: { function: 'C_Login', result: 'CKR_PIN_LOCKED' } },
    ],
    [
      'no card in its only slot',
      () => ({ C_GetTokenInfo: () => 0xe0 }),
      { code: 'ERR_PKCS11_NOT_FOUND', facts: { tokens: [] } },
    ],
  ])('that tells of %s is refused', async (_, lies, expected) => {
    const { write } = device(size)
    await expect(open(device(size, lies(write)))).rejects.toMatchObject(expected)
  })

  it.each<[string, (write: ReturnType<typeof device>['write']) => Call]>([
    [
      'longer than its memory',
      (write) => (_: number, _data: Uint8Array, _length: number, _signature: Uint8Array, length: Uint8Array) => {
        write(length, 0xffffffff)
        return 0
      },
    ],
    ['of zeros', () => () => 0],
    [
      'without length',
      (write) => (_: number, _data: Uint8Array, _length: number, _signature: Uint8Array, length: Uint8Array) => {
        write(length, 0)
        return 0
      },
    ],
  ])('lets no signature out %s', async (_, lie) => {
    const { write } = device(size)
    const signer = await open(device(size, { C_Sign: lie(write) }))
    await expect(signer.sign(message)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
    await signer.close()
  })

  it('with attributes without end is not read to it', async () => {
    const { write } = device(size)
    const signer = await open(
      device(size, {
        C_GetAttributeValue: (_: number, _object: number, attribute: Uint8Array) => {
          write(attribute, 0xfffffff0, size + 8)
          return 0
        },
      }),
    )
    expect((await signer.sign(message))[0]).toBe(0x30)
    await signer.close()
  })

  it('that wipes nothing still gets a PIN that is gone when the call is over', async () => {
    let pin: Uint8Array | undefined
    let seen = ''
    const fake = device(size, {
      C_Login: (_: number, _user: number, bytes: Uint8Array) => {
        pin = bytes
        seen = new TextDecoder().decode(bytes)
        return 0
      },
    })
    const signer = await open(fake)
    expect(seen).toBe('123456')
    expect(pin).toEqual(new Uint8Array(6))
    await signer.close()
  })
})
