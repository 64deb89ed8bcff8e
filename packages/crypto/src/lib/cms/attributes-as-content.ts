/**
 * The one confusion that CMS leaves open (RFC 5652, section 5.4): a signature without attributes over content that is
 * itself a set of attributes is, byte for byte, one with those attributes over something else.
 */
import { equalBytes } from '@zhicheng/core'
import { der } from '../../der.ts'
import { attributeOid } from './cms-oids.ts'

/** True if the content could be passed off as the signed attributes of another message. */
export function couldBeAttributes(content: Uint8Array): boolean {
  return content[0] === 0x31 && indexOf(content.subarray(0, 4096), der.oid(attributeOid.contentType)) >= 0
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let start = 0; start + wanted.length <= bytes.length; start += 1) {
    if (equalBytes(bytes.subarray(start, start + wanted.length), wanted)) return start
  }
  return -1
}
