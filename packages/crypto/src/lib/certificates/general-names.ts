/** GeneralName (RFC 5280, section 4.2.1.6): the forms that constraints, distribution points and alternative names use. */
import { type DerNode, derError, derTag, expectUniversal, isUniversal } from '../../der.ts'

/** Forms of names, by their context tag. */
export const nameForm = { email: 1, dns: 2, directory: 4, uri: 6, ip: 7 } as const

/** A name of any form: text forms as text, the others as the bytes of their content. */
export interface GeneralName {
  readonly form: number
  /** Of the forms email, DNS and URI. */
  readonly text: string
  /** The Name of a directory name, else the raw content. */
  readonly der: Uint8Array
}

/** Reads one GeneralName. Throws `ERR_DER_INVALID`. */
export function readGeneralName(node: DerNode): GeneralName {
  if (node.tagClass !== 'context' || node.tag > 8) throw derError('A general name has an unknown form', node.offset)
  if (node.tag === nameForm.directory) {
    const name = expectUniversal(node.children[0], derTag.sequence, 'A directory name')
    return { form: node.tag, text: '', der: name.bytes }
  }
  const textual = node.tag === nameForm.email || node.tag === nameForm.dns || node.tag === nameForm.uri
  if (textual && node.content.some((byte) => byte < 0x20 || byte > 0x7e)) {
    throw derError('A general name holds characters outside IA5', node.offset)
  }
  const text = textual ? Array.from(node.content, (byte) => String.fromCharCode(byte)).join('') : ''
  return { form: node.tag, text, der: node.content }
}

/** The members of GeneralNames, whether it stands as a SEQUENCE or under an implicit tag. */
export function readGeneralNames(node: DerNode, maxNames = 1000): GeneralName[] {
  if (!node.constructed || (node.tagClass === 'universal' && !isUniversal(node, derTag.sequence))) {
    throw derError('General names have another type', node.offset)
  }
  if (node.children.length > maxNames) throw derError(`More than ${maxNames} general names`, node.offset)
  return node.children.map(readGeneralName)
}
