/**
 * PKCS#12 files (RFC 7292): the raw keys and certificates inside. node-forge supplies BER reading, the old ciphers and
 * the key derivation; the bags are read here, because forge parses RSA only and re-encodes the names of certificates.
 */
import type forge from 'node-forge'
import { cryptoError } from '../../errors.ts'

type Forge = typeof forge
type Asn1 = forge.asn1.Asn1

/** What a PKCS#12 file holds. */
export interface Pkcs12Content {
  /** PKCS#8, decrypted. */
  readonly keys: readonly Uint8Array[]
  /** X.509 in DER, byte for byte. */
  readonly certificates: readonly Uint8Array[]
}

const oid = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  pbes2: '1.2.840.113549.1.5.13',
} as const

const macDigests: Readonly<Record<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const maxFileBytes = 4 * 1024 * 1024
const maxIterations = 5_000_000

/**
 * Opens a file. Throws `ERR_CRYPTO_PASSWORD_WRONG` when its MAC does not fit the password, and `ERR_PKCS12_INVALID`
 * for what is no such file, has no MAC, or demands more than five million iterations.
 */
export async function readPkcs12(file: Uint8Array, password: string): Promise<Pkcs12Content> {
  if (file.length > maxFileBytes) throw invalid(`it has ${file.length} bytes, more than the ${maxFileBytes} allowed`)
  const { default: library } = await import('node-forge')
  return new Pkcs12Reader(library, password).read(file)
}

function invalid(reason: string, cause?: unknown): Error {
  return cryptoError('ERR_PKCS12_INVALID', `The PKCS#12 file cannot be used: ${reason}.`, { cause })
}

class Pkcs12Reader {
  readonly #forge: Forge
  readonly #password: string
  readonly #keys: Uint8Array[] = []
  readonly #certificates: Uint8Array[] = []

  constructor(library: Forge, password: string) {
    this.#forge = library
    this.#password = password
  }

  read(file: Uint8Array): Pkcs12Content {
    const [version, authSafe, mac] = this.#children(this.#parse(toBinary(file)))
    if (version === undefined || this.#number(version) !== 3) throw invalid('it is not of version 3')
    const [type, content] = this.#children(authSafe)
    if (this.#oid(type) !== oid.data) throw invalid('it is protected by a public key, not by a password')
    const safes = this.#octets(this.#children(content)[0])
    this.#checkMac(safes, mac)
    for (const safe of this.#children(this.#parse(safes))) this.#readSafe(safe)
    return { keys: this.#keys, certificates: this.#certificates }
  }

  #checkMac(safes: string, mac: Asn1 | undefined): void {
    if (mac === undefined) throw invalid('it has no MAC, so nothing shows that it is unchanged')
    const [digestInfo, salt, iterations] = this.#children(mac)
    const [algorithm, expected] = this.#children(digestInfo)
    const name = macDigests[this.#oid(this.#children(algorithm)[0])]
    if (name === undefined) throw invalid('its MAC uses an algorithm that is not known here')
    const count = iterations ? this.#number(iterations) : 1
    if (count < 1 || count > maxIterations) throw invalid(`its MAC demands ${count} iterations`)
    const digest = this.#forge.md[name].create()
    const saltBuffer = this.#forge.util.createBuffer(this.#octets(salt))
    const hmac = this.#forge.hmac.create()
    // generateKey is forge's PKCS#12 key derivation (RFC 7292, appendix B); 3 means "for a MAC". The types omit it.
    const derive = this.#forge.pkcs12 as unknown as {
      generateKey(...input: readonly unknown[]): forge.util.ByteStringBuffer
    }
    hmac.start(name, derive.generateKey(this.#password, saltBuffer, 3, count, digest.digestLength, digest))
    hmac.update(safes)
    if (hmac.getMac().getBytes() !== this.#octets(expected)) throw wrongPassword()
  }

  #readSafe(safe: Asn1): void {
    const [type, content] = this.#children(safe)
    const inner = this.#children(content)[0]
    const contentType = this.#oid(type)
    let bags: string
    if (contentType === oid.data) bags = this.#octets(inner)
    else if (contentType === oid.encryptedData) {
      const [, algorithm, encrypted] = this.#children(this.#children(inner)[1])
      bags = this.#decrypt(algorithm, this.#octets(encrypted))
    } else throw invalid('a part of it is encrypted to a public key')
    for (const bag of this.#children(this.#parse(bags))) this.#readBag(bag)
  }

  #readBag(bag: Asn1): void {
    const [type, content] = this.#children(bag)
    const value = this.#children(content)[0]
    switch (this.#oid(type)) {
      case oid.keyBag:
        this.#keys.push(fromBinary(this.#forge.asn1.toDer(value!).getBytes()))
        break
      case oid.shroudedKeyBag: {
        const [algorithm, encrypted] = this.#children(value)
        this.#keys.push(fromBinary(this.#decrypt(algorithm, this.#octets(encrypted))))
        break
      }
      case oid.certificateBag: {
        const [kind, wrapped] = this.#children(value)
        if (this.#oid(kind) !== oid.x509Certificate) break
        this.#certificates.push(fromBinary(this.#octets(this.#children(wrapped)[0])))
        break
      }
      // CRLs, secrets and nested contents are of no use to a signer.
    }
  }

  #decrypt(algorithm: Asn1 | undefined, encrypted: string): string {
    const [type, parameters] = this.#children(algorithm)
    const name = this.#oid(type)
    if (parameters === undefined) throw invalid('an encrypted part has no parameters')
    this.#checkIterations(parameters)
    // The old schemes take UTF-16 and forge converts; PBKDF2 takes UTF-8, which Node does itself and pure forge does not.
    const native = (this.#forge.util as unknown as { isNodejs?: boolean }).isNodejs === true
    const password = name === oid.pbes2 && !native ? this.#forge.util.encodeUtf8(this.#password) : this.#password
    const pbe = (this.#forge.pki as unknown as { pbe: { getCipher(...input: readonly unknown[]): Cipher } }).pbe
    const cipher = pbe.getCipher(name, parameters, password)
    cipher.update(this.#forge.util.createBuffer(encrypted))
    if (!cipher.finish()) throw wrongPassword()
    return cipher.output.getBytes()
  }

  #checkIterations(node: Asn1): void {
    if (Array.isArray(node.value)) for (const child of node.value) this.#checkIterations(child)
    else if (node.type === this.#forge.asn1.Type.INTEGER && this.#number(node) > maxIterations) {
      throw invalid(`a part of it demands ${this.#number(node)} iterations`)
    }
  }

  #parse(binary: string): Asn1 {
    try {
      return this.#forge.asn1.fromDer(binary, { strict: false, decodeBitStrings: false } as never)
    } catch (cause) {
      throw invalid('its structure is damaged', cause)
    }
  }

  #children(node: Asn1 | undefined): Asn1[] {
    if (node === undefined || !Array.isArray(node.value)) throw invalid('its structure is not that of the standard')
    return node.value
  }

  #oid(node: Asn1 | undefined): string {
    if (typeof node?.value !== 'string' || node.value === '') throw invalid('its structure is not that of the standard')
    return this.#forge.asn1.derToOid(node.value)
  }

  #number(node: Asn1): number {
    if (typeof node.value !== 'string' || node.value === '') throw invalid('its structure is not that of the standard')
    return Number(BigInt(`0x${this.#forge.util.bytesToHex(node.value)}`))
  }

  // BER writers, among them those of Java, cut octet strings into pieces.
  #octets(node: Asn1 | undefined): string {
    if (node === undefined) throw invalid('its structure is not that of the standard')
    return Array.isArray(node.value) ? node.value.map((piece) => this.#octets(piece)).join('') : String(node.value)
  }
}

interface Cipher {
  update(input: forge.util.ByteStringBuffer): void
  finish(): boolean
  output: forge.util.ByteStringBuffer
}

function wrongPassword(): Error {
  return cryptoError(
    'ERR_CRYPTO_PASSWORD_WRONG',
    'The PKCS#12 file does not open: the password is wrong or the file is damaged.',
  )
}

function toBinary(bytes: Uint8Array): string {
  let binary = ''
  for (let offset = 0; offset < bytes.length; offset += 8192) {
    binary += String.fromCharCode(...bytes.subarray(offset, offset + 8192))
  }
  return binary
}

function fromBinary(binary: string): Uint8Array {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
