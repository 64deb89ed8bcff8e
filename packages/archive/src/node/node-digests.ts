/** Every digest that OpenSSL has under the names manifests use, MD5 and SHA-224 of old bags included. */
import { createHash, getHashes } from 'node:crypto'
import { type DigestFactory, portableDigests } from '../digests.ts'

const names: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha224: 'sha224',
  sha3224: 'sha3-224',
  sha3256: 'sha3-256',
  sha3384: 'sha3-384',
  sha3512: 'sha3-512',
}

/** The portable digests and, where OpenSSL offers them, MD5, SHA-224 and SHA-3. */
export const nodeDigests: DigestFactory = (algorithm) => {
  const known = portableDigests(algorithm)
  const name = names[algorithm]
  if (known || name === undefined || !getHashes().includes(name)) return known
  const state = createHash(name)
  const hash: ReturnType<DigestFactory> = {
    update(bytes) {
      state.update(bytes)
      return hash as never
    },
    digest: () => state.digest(),
  }
  return hash
}
