/** DER, digests, SM2, certificates, signatures and signers. Runs in any runtime. */
export * from './certificate.ts'
export * from './certificate-builder.ts'
export * from './certificate-path.ts'
export * from './certificate-request.ts'
export * from './crl.ts'
export * from './crl-build.ts'
export * from './der.ts'
export {
  createDistinguishedName,
  isSameName,
  type NameAttribute,
  parseDistinguishedName,
} from './distinguished-name.ts'
export type { CryptoErrorCode } from './errors.ts'
export * from './generate-key-pair.ts'
export * from './hash.ts'
export * from './messages.zh-CN.ts'
export * from './pem.ts'
export * from './pem-signer.ts'
export * from './pkcs12-signer.ts'
export * from './private-key.ts'
export * from './public-key.ts'
export * from './signer.ts'
