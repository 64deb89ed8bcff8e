/** PEM (RFC 7468): labelled Base64 blocks in a text. Text between the blocks is ignored, as OpenSSL does. */
import { fromBase64, isZhichengError, toBase64 } from '@zhicheng/core'
import { cryptoError } from './errors.ts'

/** One block of a PEM text. */
export interface PemBlock {
  /** What stands after BEGIN, such as `CERTIFICATE`. */
  readonly label: string
  readonly bytes: Uint8Array
  /** Header lines of the old encrypted form (RFC 1421), such as `Proc-Type: 4,ENCRYPTED`; empty in every modern file. */
  readonly headers: readonly string[]
}

const maxLength = 8 * 1024 * 1024

/**
 * All blocks of a PEM text in their order. Throws `ERR_PEM_INVALID` for a block that does not end, ends with another
 * label, or holds what is not Base64.
 *
 * @example
 * ```ts
 * const chain = parsePem(text).filter((block) => block.label === 'CERTIFICATE')
 * ```
 */
export function parsePem(text: string): PemBlock[] {
  if (text.length > maxLength) {
    throw cryptoError('ERR_PEM_INVALID', `The PEM text is longer than the ${maxLength} characters allowed.`)
  }
  const blocks: PemBlock[] = []
  let position = 0
  for (;;) {
    const begin = text.indexOf('-----BEGIN ', position)
    if (begin < 0) return blocks
    const labelEnd = text.indexOf('-----', begin + 11)
    const label = labelEnd < 0 ? '' : text.slice(begin + 11, labelEnd)
    if (!/^[A-Z0-9 ]{1,64}$/.test(label)) {
      throw cryptoError('ERR_PEM_INVALID', 'A PEM block begins with a line that has no readable label.')
    }
    const end = text.indexOf('-----END ', labelEnd + 5)
    const footer = `-----END ${label}-----`
    if (end < 0 || !text.startsWith(footer, end)) {
      throw cryptoError('ERR_PEM_INVALID', `The PEM block ${label} has no matching END line.`)
    }
    blocks.push(readBlock(label, text.slice(labelEnd + 5, end)))
    position = end + footer.length
  }
}

function readBlock(label: string, body: string): PemBlock {
  const lines = body.split(/\r?\n/).map((line) => line.trim())
  const headers = lines.filter((line) => line.includes(':'))
  try {
    return { label, headers, bytes: fromBase64(lines.filter((line) => !line.includes(':')).join('')) }
  } catch (cause) {
    if (!isZhichengError(cause)) throw cause
    throw cryptoError('ERR_PEM_INVALID', `The PEM block ${label} holds what is not Base64.`, { cause })
  }
}

/** One PEM block with lines of 64 characters and a final newline. */
export function formatPem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** True for bytes that look like PEM text rather than DER, which begins with a SEQUENCE. */
export function isPem(bytes: Uint8Array): boolean {
  return bytes[0] !== 0x30
}
