/** Authorities and certificates to build paths of, for the tests of paths. */
import type { Certificate } from '../src/certificate.ts'
import { buildCertificate, type CertificateInput, keyIdentifier } from '../src/certificate-builder.ts'
import {
  type CertificatePathInput,
  type CertificatePathResult,
  verifyCertificatePath,
} from '../src/certificate-path.ts'
import { createDistinguishedName, type DistinguishedName } from '../src/distinguished-name.ts'
import { generateKeyPair } from '../src/generate-key-pair.ts'
import { pemSigner } from '../src/pem-signer.ts'
import { createSignature, parsePrivateKey } from '../src/private-key.ts'
import type { PublicKey } from '../src/public-key.ts'
import type { Signer } from '../src/signer.ts'

export const at: Date = new Date('2026-06-01T00:00:00Z')
export const dates: { readonly notBefore: Date; readonly notAfter: Date } = {
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2027-01-01T00:00:00Z'),
}

export interface Holder {
  readonly certificate: Certificate
  readonly signer: Signer
  readonly publicKey: PublicKey
  readonly privateKeyPem: string
}

export type Change = Partial<CertificateInput>

export const name = (commonName: string): DistinguishedName =>
  createDistinguishedName([
    ['C', 'CN'],
    ['O', '样例'],
    ['CN', commonName],
  ])

export async function issue(subject: string, issuer: Holder | undefined, change: Change = {}): Promise<Holder> {
  const { privateKeyPem, publicKey } = await generateKeyPair('ec-p256')
  return certify(subject, { privateKeyPem, publicKey }, issuer, change)
}

export async function certify(
  subject: string,
  { privateKeyPem, publicKey }: Pick<Holder, 'privateKeyPem' | 'publicKey'>,
  issuer: Holder | undefined,
  change: Change = {},
): Promise<Holder> {
  const input: CertificateInput = {
    subject: name(subject),
    issuer: issuer?.certificate.subject ?? name(subject),
    publicKey,
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...dates,
    ...(issuer ? { authorityKeyIdentifier: keyIdentifier(issuer.publicKey) } : {}),
    ...change,
  }
  const certificate = await buildCertificate(input, issuer?.signer ?? selfSigner(privateKeyPem))
  return {
    certificate,
    signer: pemSigner({ key: privateKeyPem, certificateChain: [certificate] }),
    publicKey,
    privateKeyPem,
  }
}

/** For a root, before there is a certificate of its own. */
export function selfSigner(key: string): Pick<Signer, 'algorithm' | 'sign'> {
  const privateKey = parsePrivateKey(key)
  return { algorithm: 'ecdsa-p256-sha256', sign: (message) => createSignature({ privateKey, message }) }
}

export const ca: Change = { authority: {} }
export const leafUsage: Change = { keyUsage: ['digitalSignature', 'nonRepudiation'] }

export let root: Holder
export let middle: Holder
export let leaf: Holder

export async function verify(
  input: Partial<CertificatePathInput>,
): Promise<CertificatePathResult & { codes: string[] }> {
  const result = await verifyCertificatePath({
    leaf: leaf.certificate,
    intermediates: [middle.certificate],
    anchors: [root.certificate],
    at,
    usage: 'document-signing',
    ...input,
  })
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

/** Makes a root, an authority below it and a certificate below that, once for each file of tests. */
export async function preparePath(): Promise<void> {
  root = await issue('样例根', undefined, ca)
  middle = await issue('样例中间', root, ca)
  leaf = await issue('样例签章人', middle, leafUsage)
}
