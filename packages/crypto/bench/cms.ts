/** A detached CAdES message of P-256, built and verified: ours, pkijs, and the floor: one signature made and verified. */
import { createPrivateKey, createPublicKey, sign, verify, webcrypto } from 'node:crypto'
import { createSignedData, hash, parseSignedData, verifySignedData } from '@zhicheng/crypto'
import { createTestAuthority } from '@zhicheng/crypto/testing'
import { fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import {
  Attribute,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
} from 'pkijs'
import { measure, report } from './lib/rounds.ts'

const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
const content = new TextEncoder().encode('样例行政许可决定书'.repeat(100))

async function ours(): Promise<void> {
  const messageDigest = hash('sha256', content)
  const message = await createSignedData({ signer, messageDigest })
  const { status } = await verifySignedData(parseSignedData(message), { messageDigest: () => messageDigest })
  if (status !== 'valid') throw new Error('not valid')
}

const native = createPrivateKey(signer.privateKeyPem)
const pkcs8 = native.export({ format: 'der', type: 'pkcs8' })
const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
const leaf = new Certificate({ schema: fromBER(Uint8Array.from(signer.certificateChain[0].der).buffer).result })
const issuer = new Certificate({ schema: fromBER(Uint8Array.from(signer.certificateChain[1]!.der).buffer).result })

function attribute(type: string, value: OctetString | ObjectIdentifier | Sequence): Attribute {
  return new Attribute({ type, values: [value] })
}

/** The same attributes as ours, signing-certificate-v2 included. */
async function pkijs(): Promise<void> {
  const digest = hash('sha256', content)
  const named = new Sequence({ value: [new OctetString({ valueHex: hash('sha256', signer.certificateChain[0].der) })] })
  const signed = new SignedData({
    version: 1,
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: '1.2.840.113549.1.7.1' }),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: leaf.issuer, serialNumber: leaf.serialNumber }),
        signedAttrs: new SignedAndUnsignedAttributes({
          type: 0,
          attributes: [
            attribute('1.2.840.113549.1.9.3', new ObjectIdentifier({ value: '1.2.840.113549.1.7.1' })),
            attribute('1.2.840.113549.1.9.4', new OctetString({ valueHex: digest })),
            attribute('1.2.840.113549.1.9.16.2.47', new Sequence({ value: [new Sequence({ value: [named] })] })),
          ],
        }),
      }),
    ],
    certificates: [leaf, issuer],
  })
  await signed.sign(key as CryptoKey, 0, 'SHA-256', Uint8Array.from(content).buffer)
  const bytes = new ContentInfo({ contentType: '1.2.840.113549.1.7.2', content: signed.toSchema(true) })
    .toSchema()
    .toBER()
  const parsed = new SignedData({ schema: new ContentInfo({ schema: fromBER(bytes).result }).content })
  if (!(await parsed.verify({ signer: 0, data: Uint8Array.from(content).buffer, checkChain: false }))) {
    throw new Error('not valid')
  }
}

const publicKey = createPublicKey(native)

function floor(): void {
  const signature = sign('sha256', content, native)
  if (!verify('sha256', content, publicKey, signature)) throw new Error('not valid')
}

const figures = await measure([
  { name: 'ours', work: ours },
  { name: 'pkijs', work: pkijs },
  { name: 'floor: one signature made and verified', work: floor },
])
report('CMS build + verify, P-256, CPU per message', figures, {
  text: "at most pkijs' time",
  holds: figures.get('ours')! <= figures.get('pkijs')!,
})
