/** The signature algorithms (签名算法) there are: those that are signed with, and those that are only ever verified. */

/** All that is signed with. */
export const signatureAlgorithms = [
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'ecdsa-p521-sha512',
  'ed25519',
  'sm2-sm3',
] as const

/** Signature algorithms by the names this project writes everywhere. Digest and curve are part of the name. */
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number]

/** Signature algorithms that are verified only on request, because forging them is within reach or nobody makes them any more. */
export type SignatureAlgorithmWeak = 'rsa-sha1' | 'rsa-pss-sha1' | 'ecdsa-sha1' | 'dsa-sha1' | 'dsa-sha256'

/** Switch: accept SHA-1, for files from before its end. */
export const allowSha1: unique symbol = Symbol('allowSha1')

/** Switch: accept DSA, which FIPS 186-5 no longer allows for new signatures. With SHA-1, {@link allowSha1} is needed as well. */
export const allowDsa: unique symbol = Symbol('allowDsa')

/** What a verification may accept beyond today's algorithms. Nothing by default. */
export interface WeakAlgorithmSwitches {
  [allowSha1]?: boolean | undefined
  [allowDsa]?: boolean | undefined
}
