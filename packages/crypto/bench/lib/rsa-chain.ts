/** A root, an authority below it and a signer, all RSA-2048, as DER. */
import {
  buildCertificate,
  createDistinguishedName,
  createSignature,
  generateKeyPair,
  keyIdentifier,
  parsePrivateKey,
} from '@zhicheng/crypto'

const day = 86_400_000

/** The leaf first. */
export async function rsaChain(): Promise<[leaf: Uint8Array, middle: Uint8Array, root: Uint8Array]> {
  const pairs = await Promise.all(['根', '中间', '签章人'].map(() => generateKeyPair('rsa-2048')))
  const names = ['样例根', '样例中间', '样例签章人'].map((name) =>
    createDistinguishedName([
      ['C', 'CN'],
      ['O', '样例单位'],
      ['OU', '测试专用 TEST ONLY'],
      ['CN', name],
    ]),
  )
  const certificates = await Promise.all(
    pairs.map(async ({ publicKey }, index) => {
      const issuer = pairs[Math.max(0, index - 1)]!
      const privateKey = parsePrivateKey(issuer.privateKeyPem)
      const certificate = await buildCertificate(
        {
          subject: names[index]!,
          issuer: names[Math.max(0, index - 1)]!,
          publicKey,
          notBefore: new Date(Date.now() - day),
          notAfter: new Date(Date.now() + 365 * day),
          keyUsage: index === 2 ? ['digitalSignature', 'nonRepudiation'] : ['keyCertSign', 'cRLSign'],
          ...(index === 2 ? {} : { authority: {} }),
          ...(index === 0 ? {} : { authorityKeyIdentifier: keyIdentifier(issuer.publicKey) }),
        },
        { algorithm: 'rsa-sha256', sign: (message) => createSignature({ privateKey, message }) },
      )
      return certificate.der
    }),
  )
  return [certificates[2]!, certificates[1]!, certificates[0]!]
}
