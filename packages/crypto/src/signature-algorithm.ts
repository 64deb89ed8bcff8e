/** The signature algorithms (签名算法) there are: those that are signed with, and those that are only ever verified. */

/** Signature algorithms by the names this project writes everywhere. Digest and curve are part of the name. */
export type SignatureAlgorithm =
  | 'rsa-sha256'
  | 'rsa-sha384'
  | 'rsa-sha512'
  | 'rsa-pss-sha256'
  | 'ecdsa-p256-sha256'
  | 'ecdsa-p384-sha384'
  | 'ecdsa-p521-sha512'
  | 'ed25519'
  | 'sm2-sm3'

/** Signature algorithms that are verified only on request, because forging them is within reach. */
export type SignatureAlgorithmWeak = 'rsa-sha1'
