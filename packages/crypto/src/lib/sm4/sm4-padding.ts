/** How texts become whole blocks of 16 bytes and texts again: PKCS#7 (RFC 5652, 6.3), or not at all. */
import { sm4Invalid } from './sm4-checks.ts'

/** How a text is brought to whole blocks of 16 bytes: PKCS#7 by default; with `none` the caller sees to it. */
export type Sm4Padding = 'pkcs7' | 'none'

/** The blocks to encrypt for a text. */
export function padText(padding: Sm4Padding = 'pkcs7', text: Uint8Array): Uint8Array {
  expectPadding(padding)
  if (padding === 'pkcs7') return addPadding(text)
  if (text.length % 16 !== 0) {
    throw sm4Invalid(`The text has ${text.length} bytes: without padding it has to be whole blocks of 16.`)
  }
  return text
}

/** The ciphertext itself if its length is one that {@link padText} leads to. */
export function expectWholeBlocks(padding: Sm4Padding = 'pkcs7', ciphertext: Uint8Array): Uint8Array {
  expectPadding(padding)
  if (ciphertext.length % 16 !== 0 || (padding === 'pkcs7' && ciphertext.length === 0)) {
    throw sm4Invalid(`The ciphertext has ${ciphertext.length} bytes, which is not whole blocks of 16: it is cut off.`)
  }
  return ciphertext
}

/** The text of decrypted blocks. */
export function unpadText(padding: Sm4Padding = 'pkcs7', blocks: Uint8Array): Uint8Array {
  return padding === 'pkcs7' ? removePadding(blocks) : blocks
}

// Another word, from a caller without types, would else count as no padding.
function expectPadding(padding: Sm4Padding): void {
  if (padding !== 'pkcs7' && padding !== 'none') throw sm4Invalid('The padding is pkcs7 or none.')
}

// 1 to 16 bytes follow the text, each of which says how many they are.
function addPadding(text: Uint8Array): Uint8Array {
  const count = 16 - (text.length % 16)
  const padded = new Uint8Array(text.length + count)
  padded.set(text)
  padded.fill(count, text.length)
  return padded
}

// Looks at the whole last block whatever it finds, and says the same of every fault: what tells the faults apart
// decrypts the message for whoever may ask often enough.
function removePadding(blocks: Uint8Array): Uint8Array {
  const count = blocks[blocks.length - 1] ?? 0
  let fault = Number(count < 1) | Number(count > 16)
  for (let back = 1; back <= 16; back += 1) {
    fault |= Number(back <= count) & Number(blocks[blocks.length - back] !== count)
  }
  if (fault !== 0) {
    throw sm4Invalid('The text does not decrypt: check the key, the mode and the ciphertext.')
  }
  return blocks.slice(0, blocks.length - count)
}
