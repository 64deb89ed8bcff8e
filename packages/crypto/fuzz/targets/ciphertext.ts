/** Ciphertexts of SM2 and SM4: what was altered does not decrypt, in any layout or mode that notices. */
import { concatBytes, fromHex, utf8 } from '@zhicheng/core'
import { der } from '../../src/der.ts'
import { type PrivateKey, parsePrivateKey } from '../../src/private-key.ts'
import { decryptSm2, type Sm2CiphertextLayout } from '../../src/sm2-encryption.ts'
import { decryptSm4, encryptSm4, type Sm4Parameters } from '../../src/sm4.ts'
import { describeValue } from '../claims.ts'
import type { Target } from '../target.ts'

// GB/T 32918.5-2017: key and ciphertext of the example, because new ones would differ on every run.
const scalar = fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8')
const x = fromHex('04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73')
const y = fromHex('e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0')
const digest = fromHex('59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766')
const masked = fromHex('21886ca989ca9c7d58087307ca93092d651efa')
const layouts: readonly Sm2CiphertextLayout[] = ['c1c3c2', 'c1c2c3', 'der']

let known: PrivateKey | undefined

function recipient(): PrivateKey {
  const curve = der.explicit(0, der.oid('1.2.156.10197.1.301'))
  known ??= parsePrivateKey(der.sequence(der.integer(1), der.octetString(scalar), curve))
  return known
}

/** The first byte says which layout. Accepted is what decrypts: the three ciphertexts of the seeds and no other. */
export const sm2CiphertextTarget: Target = {
  name: 'sm2-ciphertext',
  seeds: () => {
    const numbers = [der.unsignedInteger(x), der.unsignedInteger(y), der.octetString(digest), der.octetString(masked)]
    const bodies = [
      concatBytes(Uint8Array.of(4), x, y, digest, masked),
      concatBytes(Uint8Array.of(4), x, y, masked, digest),
      der.sequence(numbers),
    ]
    return bodies.map((body, index) => concatBytes(Uint8Array.of(index), body))
  },
  run(input) {
    const layout = layouts[(input[0] ?? 0) % layouts.length]!
    const plaintext = decryptSm2({ privateKey: recipient(), layout }, input.subarray(1))
    // The same point may be written compressed, which is the same ciphertext.
    const compressed = layout !== 'der' && input[1] !== 4
    const claims = [describeValue(plaintext), ...(compressed ? [] : [describeValue(input.subarray(1))])]
    return { accepted: true, label: layout, claims }
  },
}

const key = fromHex('0123456789abcdeffedcba9876543210')
const modes: readonly Sm4Parameters[] = [
  { mode: 'gcm', key, iv: new Uint8Array(12), additionalData: utf8('样例') },
  { mode: 'ccm', key, iv: new Uint8Array(12), additionalData: utf8('样例') },
  { mode: 'cbc', key, iv: new Uint8Array(16) },
  { mode: 'ecb', key },
]

/** The first byte says which mode. GCM and CCM accept nothing but the seeds; of CBC and ECB only crashes count. */
export const sm4CiphertextTarget: Target = {
  name: 'sm4-ciphertext',
  seeds: () =>
    modes.flatMap((parameters, index) =>
      ['', '样例', '样例行政许可决定书'.repeat(4)].map((text) =>
        concatBytes(Uint8Array.of(index), encryptSm4(parameters, utf8(text))),
      ),
    ),
  run(input) {
    const parameters = modes[(input[0] ?? 0) % modes.length]!
    decryptSm4(parameters, input.subarray(1))
    const authentic = parameters.mode === 'gcm' || parameters.mode === 'ccm'
    return { accepted: true, label: parameters.mode, claims: authentic ? [describeValue(input.subarray(1))] : [] }
  },
}
