/**
 * ECB, CBC and CTR of SM4 by Node's OpenSSL, and GCM where it lists it. What a build offers is tried once with the
 * examples of the standards; JavaScript does what is missing, wrong or too short to be worth it.
 */
import * as crypto from 'node:crypto'
import { concatBytes, equalBytes, fromHex } from '@zhicheng/core'
import { javaScriptSm4 } from './sm4-javascript.ts'
import type { BlockCipherModes, NativeGcm } from './sm4-modes.ts'

// OpenSSL counts bytes in 32 bits, so large inputs go in by pieces.
const pieceBytes = 4_194_304

function run(cipher: crypto.Cipheriv | crypto.Decipheriv, input: Uint8Array): Uint8Array {
  if (input.length <= pieceBytes) return plain(cipher.update(input))
  const output = new Uint8Array(input.length)
  for (let offset = 0; offset < input.length; offset += pieceBytes) {
    output.set(cipher.update(input.subarray(offset, offset + pieceBytes)), offset)
  }
  return output
}

// A Buffer is a Uint8Array with other methods, whose `slice` shares memory: callers get the plain type.
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

/** OpenSSL itself, whatever the length and whether it is right or not. */
export const openssl: BlockCipherModes = {
  ecb(direction, key, blocks) {
    const create = direction === 'encrypt' ? crypto.createCipheriv : crypto.createDecipheriv
    return run(create('sm4-ecb', key, null).setAutoPadding(false), blocks)
  },
  cbc(direction, key, iv, blocks) {
    const create = direction === 'encrypt' ? crypto.createCipheriv : crypto.createDecipheriv
    return run(create('sm4-cbc', key, iv).setAutoPadding(false), blocks)
  },
  ctr(key, counter, input) {
    return run(crypto.createCipheriv('sm4-ctr', key, counter), input)
  },
}

// The types of Node know no SM4, and only with the name of a GCM do they know of tags.
const gcmName = 'sm4-gcm' as crypto.CipherGCMTypes

const opensslGcm: NativeGcm = {
  seal(key, iv, additionalData, plaintext) {
    const cipher = crypto.createCipheriv(gcmName, key, iv).setAAD(additionalData)
    const ciphertext = run(cipher, plaintext)
    cipher.final()
    return { ciphertext, tag: plain(cipher.getAuthTag()) }
  },
  open(key, iv, additionalData, ciphertext, tag) {
    const decipher = crypto.createDecipheriv(gcmName, key, iv, { authTagLength: tag.length })
    decipher.setAAD(additionalData).setAuthTag(tag)
    const plaintext = run(decipher, ciphertext)
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return plaintext
  },
}

// GB/T 32907-2016, A.1: key and plaintext are the same bytes.
const block = '0123456789abcdeffedcba9876543210'
const encryptedBlock = '681edf34d206965e86b3e94f536e4246'

function worksNatively(): boolean {
  try {
    const key = fromHex(block)
    const expected = fromHex(encryptedBlock)
    const zeros = new Uint8Array(16)
    // From an initial value of zeros, CBC of one block is ECB; CTR of zeros is the encrypted counter.
    return (
      equalBytes(openssl.ecb('encrypt', key, key), expected) &&
      equalBytes(openssl.ecb('decrypt', key, expected), key) &&
      equalBytes(openssl.cbc('encrypt', key, zeros, key), expected) &&
      equalBytes(openssl.cbc('decrypt', key, zeros, expected), key) &&
      equalBytes(openssl.ctr(key, key, zeros), expected)
    )
  } catch {
    return false
  }
}

// RFC 8998, A.1.
const gcmExample = {
  iv: '00001234567800000000abcd',
  additionalData: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
  plaintext:
    'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd' +
    'eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa',
  ciphertext:
    '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735' +
    'd82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d',
  tag: '83de3541e4c2b58177e065a9bf7b62ec',
}

function nativeGcm(): NativeGcm | undefined {
  if (!crypto.getCiphers().includes(gcmName)) return undefined
  try {
    const [key, iv, data] = [block, gcmExample.iv, gcmExample.additionalData].map(fromHex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    const sealed = opensslGcm.seal(key, iv, data, fromHex(gcmExample.plaintext))
    const wrongTag = sealed.tag.map((byte, index) => (index === 15 ? byte ^ 1 : byte))
    const right =
      equalBytes(concatBytes(sealed.ciphertext, sealed.tag), fromHex(gcmExample.ciphertext + gcmExample.tag)) &&
      opensslGcm.open(key, iv, data, sealed.ciphertext, wrongTag) === undefined &&
      opensslGcm.open(key, iv, data, sealed.ciphertext, sealed.tag)?.length === 64
    return right ? opensslGcm : undefined
  } catch {
    return undefined
  }
}

// To set up a cipher of OpenSSL takes longer than to encrypt about this much in JavaScript.
const shortBytes = 2048

function modesFor(input: Uint8Array): BlockCipherModes {
  return input.length < shortBytes ? javaScriptSm4 : openssl
}

const bySize: BlockCipherModes = {
  ecb: (direction, key, blocks) => modesFor(blocks).ecb(direction, key, blocks),
  cbc: (direction, key, iv, blocks) => modesFor(blocks).cbc(direction, key, iv, blocks),
  ctr: (key, counter, input) => modesFor(input).ctr(key, counter, input),
}

let chosen: BlockCipherModes | undefined

/** The modes of this Node's OpenSSL if they are right, else, and for short input, those in JavaScript; found out once. */
export function nodeSm4(): BlockCipherModes {
  chosen ??= worksNatively() ? { ...bySize, gcm: nativeGcm() } : javaScriptSm4
  return chosen
}
