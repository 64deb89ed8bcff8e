/** Encodings of keys on a curve: SubjectPublicKeyInfo (RFC 5480) and PKCS#8 (RFC 5208 around RFC 5915). */
import {
  der,
  derError,
  derTag,
  expectUniversal,
  isContext,
  parseDer,
  readBitString,
  readOctetString,
  readOid,
  readSmallInteger,
} from '../../der.ts'
import type { EngineKey } from '../engines/engine.ts'
import { toNumber } from '../sm2/sm2.ts'
import { type CurveKind, curves } from './curves.ts'

const ecPublicKeyOid = '1.2.840.10045.2.1'

/** SubjectPublicKeyInfo of 04 ‖ x ‖ y. */
export function ecSpki(kind: CurveKind, point: Uint8Array): Uint8Array {
  return der.sequence(der.sequence(der.oid(ecPublicKeyOid), der.oid(curves[kind].oid)), der.bitString(point))
}

/** PKCS#8 of a scalar of the curve's length, with the public point where it is known. */
export function ecPkcs8(kind: CurveKind, scalar: Uint8Array, point: Uint8Array | undefined): Uint8Array {
  const key = der.sequence(
    der.integer(1),
    der.octetString(scalar),
    ...(point ? [der.explicit(1, der.bitString(point))] : []),
  )
  const algorithm = der.sequence(der.oid(ecPublicKeyOid), der.oid(curves[kind].oid))
  return der.sequence(der.integer(0), algorithm, der.octetString(key))
}

/** An ECPrivateKey (RFC 5915): the scalar, the named curve and the public point where they are there. */
export interface EcPrivateKey {
  readonly scalar: Uint8Array
  readonly curveOid?: string
  readonly point?: Uint8Array
}

/** Reads an ECPrivateKey. */
export function parseEcPrivateKey(bytes: Uint8Array): EcPrivateKey {
  const [version, scalar, ...optional] = expectUniversal(parseDer(bytes), derTag.sequence, 'The EC key').children
  if (readSmallInteger(version, 'The version of the EC key') !== 1)
    throw derError('The EC key has an unknown version', 0)
  const parameters = optional.find((node) => isContext(node, 0))?.children[0]
  const point = optional.find((node) => isContext(node, 1))?.children[0]
  return {
    scalar: readOctetString(scalar, 'The EC key'),
    ...(parameters ? { curveOid: readOid(parameters, 'The curve of the EC key') } : {}),
    ...(point ? { point: readBitString(point, 'The public point of the EC key') } : {}),
  }
}

/** The secret number of an SM2 key. */
export function sm2Scalar({ pkcs8 }: EngineKey): bigint {
  return toNumber(parseEcPrivateKey(readOctetString(parseDer(pkcs8).children[2], 'The private key')).scalar)
}
