/** Reading of the DER that seals and their signatures share, with the tolerances that real files need. */
import { type Finding, isZhichengError } from '@zhicheng/core'
import {
  type DerNode,
  der,
  derTag,
  isContext,
  isUniversal,
  parseDer,
  readBitString,
  readBoolean,
  readOctetString,
  readOid,
} from '@zhicheng/crypto'
import { type OfdErrorCode, ofdError } from '../../ofd/errors.ts'

/** An extension of a seal or a signature (ExtData). */
export interface SesExtension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

/** Runs a reader and turns what DER says into the code of the structure that was being read. */
export function reading<T>(code: OfdErrorCode, what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (isZhichengError(cause) && cause.code !== code) {
      throw ofdError(code, `${what} cannot be read: ${cause.message}`, { cause })
    }
    throw cause
  }
}

/** The members of ExtDatas, which stand there with or without their tag. */
export function readExtensions(node: DerNode | undefined): SesExtension[] {
  if (node === undefined) return []
  const list = isContext(node, 0) ? node.children[0] : node
  if (!list || !isUniversal(list, derTag.sequence)) throw ofdError('ERR_OFD_SEAL_FORMAT', 'The extensions are no list.')
  return list.children.map((extension) => {
    const fields = extension.children
    const critical = fields.length > 2
    return {
      oid: readOid(fields[0], 'The type of an extension'),
      critical: critical ? readBoolean(fields[1], 'The criticality of an extension') : false,
      value: readOctetString(fields[critical ? 2 : 1], 'The value of an extension'),
    }
  })
}

/** A BIT STRING, or the OCTET STRING that some first-version implementations write in its place. */
export function readBits(node: DerNode | undefined, what: string, deviations: Finding[]): Uint8Array {
  if (isUniversal(node, derTag.octetString)) {
    deviations.push(warning('SES_OCTET_FOR_BIT_STRING', `${what} is an OCTET STRING in place of a BIT STRING.`))
    return readOctetString(node)
  }
  return readBitString(node, what)
}

/** An SM2 signature in DER; r ‖ s in 64 bytes, as some devices return it, is converted and reported. */
export function readSm2Signature(bytes: Uint8Array, what: string, deviations: Finding[]): Uint8Array {
  if (bytes.length !== 64 || looksLikeSequence(bytes)) return bytes
  deviations.push(warning('SES_SIGNATURE_RAW', `${what} is r and s of 32 bytes each in place of a SEQUENCE.`))
  return der.sequence(der.unsignedInteger(bytes.subarray(0, 32)), der.unsignedInteger(bytes.subarray(32)))
}

/** Content of `[0] EXPLICIT BIT STRING`: the timestamp of version 5. */
export function readTimestampField(node: DerNode | undefined): Uint8Array | undefined {
  if (node === undefined) return undefined
  if (!isContext(node, 0) || node.children.length !== 1) {
    throw ofdError('ERR_OFD_SEAL_FORMAT', 'A field follows that the standard does not know.')
  }
  return readBitString(node.children[0], 'The timestamp')
}

/** A warning about something that was tolerated. */
export function warning(code: string, message: string): Finding {
  return { code, severity: 'warning', message }
}

function looksLikeSequence(bytes: Uint8Array): boolean {
  try {
    return isUniversal(parseDer(bytes), derTag.sequence)
  } catch {
    return false
  }
}
