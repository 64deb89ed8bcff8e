/** The key and the certificates on a token, and whether they belong together. */
import { equalBytes, isZhichengError, utf8 } from '@zhicheng/core'
import { type Certificate, parseCertificate } from '../../certificate.ts'
import { derTag, expectUniversal, isUniversal, parseDer, readOctetString } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { type CertificateChain, orderChain } from '../certificates/certificate-chain.ts'
import type { Pkcs11Memory } from './pkcs11-memory.ts'
import { attributeType, objectClass } from './pkcs11-names.ts'
import type { Pkcs11Session } from './pkcs11-session.ts'

/** Which key. */
export interface Pkcs11KeyChoice {
  keyLabel?: string | undefined
  keyId?: Uint8Array | undefined
}

/** A private key on a token. */
export interface Pkcs11Key {
  readonly handle: number
  readonly id: Uint8Array | undefined
}

const maxCertificates = 64

/** The one private key that fits. Throws `ERR_PKCS11_NOT_FOUND`. */
export async function findKey(
  session: Pkcs11Session,
  memory: Pkcs11Memory,
  { keyLabel, keyId }: Pkcs11KeyChoice,
): Promise<Pkcs11Key> {
  const handles = await session.find([
    [attributeType.class, memory.ulongs(objectClass.privateKey)],
    ...(keyLabel === undefined ? [] : [[attributeType.label, utf8(keyLabel)] as [number, Uint8Array]]),
    ...(keyId === undefined ? [] : [[attributeType.id, keyId] as [number, Uint8Array]]),
  ])
  const [handle] = handles
  if (handle !== undefined && handles.length === 1) {
    return { handle, id: await session.attribute(handle, attributeType.id) }
  }
  throw cryptoError(
    'ERR_PKCS11_NOT_FOUND',
    handles.length === 0
      ? 'The token has no private key of this label and identifier: check both.'
      : 'More than one private key fits: name one by its identifier (keyId).',
    { facts: { found: handles.length, ...(keyLabel === undefined ? {} : { keyLabel }) } },
  )
}

/** The certificate that lies on the token under the key's identifier, with its issuers as far as they lie there too. */
export async function readTokenChain(
  session: Pkcs11Session,
  memory: Pkcs11Memory,
  { id }: Pkcs11Key,
): Promise<CertificateChain> {
  const handles = await session.find([[attributeType.class, memory.ulongs(objectClass.certificate)]])
  let leaf: Certificate | undefined
  const certificates: Certificate[] = []
  for (const handle of handles.slice(0, maxCertificates)) {
    const certificate = readOther(await session.attribute(handle, attributeType.value))
    if (certificate === undefined) continue
    certificates.push(certificate)
    const itsId = await session.attribute(handle, attributeType.id)
    if (id && id.length > 0 && itsId && equalBytes(id, itsId)) leaf ??= certificate
  }
  if (leaf) return orderChain(leaf, certificates)
  throw cryptoError(
    'ERR_PKCS11_NOT_FOUND',
    'The token has no certificate under the identifier of the key: pass certificateChain.',
    { facts: { certificates: certificates.length } },
  )
}

// Tokens hold certificates of all kinds; one that cannot be read is simply not the one that is wanted.
function readOther(value: Uint8Array | undefined): Certificate | undefined {
  if (value === undefined) return undefined
  try {
    return parseCertificate(value)
  } catch (error) {
    if (isZhichengError(error)) return undefined
    throw error
  }
}

/** Throws `ERR_CRYPTO_KEY_MISMATCH` if the token shows that the key is not the certificate's. */
export async function checkPair(
  session: Pkcs11Session,
  memory: Pkcs11Memory,
  { handle, id }: Pkcs11Key,
  { publicKey }: Certificate,
): Promise<void> {
  const keyType = await session.attribute(handle, attributeType.keyType)
  const isRsa = keyType === undefined ? undefined : memory.readUlong(keyType) === 0
  if (isRsa !== undefined && isRsa !== (publicKey.kind === 'rsa')) throw mismatch()
  const shown =
    publicKey.kind === 'rsa'
      ? await session.attribute(handle, attributeType.modulus)
      : await readPoint(session, memory, id)
  // Not every token shows its public keys; every signature is verified anyway before it leaves.
  if (shown === undefined) return
  const own = publicKey.kind === 'rsa' ? modulusOf(publicKey.keyBytes) : publicKey.keyBytes
  if (!equalBytes(trim(shown), trim(own))) throw mismatch()
}

function mismatch(): Error {
  return cryptoError(
    'ERR_CRYPTO_KEY_MISMATCH',
    'The key on the token is not that of the certificate: choose the key, or pass the certificate that belongs to it.',
  )
}

async function readPoint(
  session: Pkcs11Session,
  memory: Pkcs11Memory,
  id: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  if (!id || id.length === 0) return undefined
  const template: [number, Uint8Array][] = [
    [attributeType.class, memory.ulongs(objectClass.publicKey)],
    [attributeType.id, id],
  ]
  const handles = await session.find(template)
  const point = handles.length === 1 ? await session.attribute(handles[0]!, attributeType.ecPoint) : undefined
  if (!point) return undefined
  try {
    const node = parseDer(point)
    // The standard wraps the point in an OCTET STRING; some devices give it bare.
    return isUniversal(node, derTag.octetString) ? readOctetString(node) : point
  } catch (error) {
    if (isZhichengError(error)) return point
    throw error
  }
}

function modulusOf(keyBytes: Uint8Array): Uint8Array {
  return expectUniversal(parseDer(keyBytes), derTag.sequence, 'The RSA key').children[0]!.content
}

function trim(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? new Uint8Array() : bytes.subarray(first)
}
