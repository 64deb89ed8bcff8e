/** Signers of every kind, and messages put together by hand, for the tests of signed messages. */
import { generateKeyPairSync } from 'node:crypto'
import { fromHex, utf8 } from '@zhicheng/core'
import type { Certificate } from '../src/certificate.ts'
import { parseSignedData } from '../src/cms-parse.ts'
import { type SignerStatus, verifySignedData } from '../src/cms-verify.ts'
import { der } from '../src/der.ts'
import { hash } from '../src/hash.ts'
import { attributeOid } from '../src/lib/cms/cms-oids.ts'
import { formatAttribute } from '../src/lib/cms/signed-data-format.ts'
import { pemSigner } from '../src/pem-signer.ts'
import { parsePublicKey } from '../src/public-key.ts'
import type { Signer } from '../src/signer.ts'
import { createTestAuthority, type TestAuthority } from '../src/testing.ts'

export const content: Uint8Array = utf8('样例行政许可决定书')
export const messageDigest = (algorithm: Parameters<typeof hash>[0]): Uint8Array => hash(algorithm, content)

type TestSigner = Signer & { readonly privateKeyPem: string }
export const authorities = {} as Record<'rsa' | 'p256' | 'sm2', TestAuthority>
export const signers = {} as Record<'rsa' | 'p256' | 'sm2', TestSigner>

/** Makes the authorities and signers, once for each file of tests. */
export async function prepareSigners(): Promise<void> {
  const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
  for (const [name, algorithm] of Object.entries(kinds)) {
    const authority = await createTestAuthority({ algorithm, name: `样例根 ${name}` })
    authorities[name as keyof typeof kinds] = authority
    signers[name as keyof typeof kinds] = await authority.createSigner({
      commonName: '样例签章人',
      profile: 'document-signing',
    })
  }
}

export async function ed25519Signer(): Promise<Signer> {
  const pair = generateKeyPairSync('ed25519')
  const publicKey = parsePublicKey(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })))
  const certificate = await authorities.rsa.issue({
    publicKey,
    commonName: '样例 Ed25519',
    profile: 'document-signing',
  })
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return pemSigner({ key, certificateChain: [certificate] })
}

export const pssSigner = (): Signer =>
  pemSigner({
    key: signers.rsa.privateKeyPem,
    certificateChain: [...signers.rsa.certificateChain],
    algorithm: 'rsa-pss-sha256',
  })

/** A message put together by hand, to say things that the writer never says. */
export async function forge(options: {
  signer?: Signer
  attributes?: readonly Uint8Array[] | null
  signatureAlgorithm?: Uint8Array
  digestAlgorithm?: Uint8Array
  content?: Uint8Array
  certificates?: readonly Certificate[]
  identifier?: Uint8Array
  changeSignature?: (signature: Uint8Array) => Uint8Array
  signers?: number
}): Promise<Uint8Array> {
  const { signer = signers.p256, attributes = defaultAttributes(), changeSignature = (value) => value } = options
  const [certificate] = signer.certificateChain
  const signed = attributes && der.setOf(...attributes)
  const signature = changeSignature(await signer.sign(signed ?? options.content!))
  const digest = options.digestAlgorithm ?? der.sequence(der.oid('2.16.840.1.101.3.4.2.1'))
  const info = der.sequence(
    der.integer(1),
    options.identifier ?? der.sequence(certificate.issuer.der, der.unsignedInteger(fromHex(certificate.serialNumber))),
    digest,
    ...(signed ? [der.implicit(0, signed)] : []),
    options.signatureAlgorithm ?? der.sequence(der.oid('1.2.840.10045.4.3.2')),
    der.octetString(signature),
  )
  return der.sequence(
    der.oid('1.2.840.113549.1.7.2'),
    der.explicit(
      0,
      der.sequence(
        der.integer(1),
        der.setOf(digest),
        der.sequence(
          der.oid('1.2.840.113549.1.7.1'),
          ...(options.content ? [der.explicit(0, der.octetString(options.content))] : []),
        ),
        der.implicit(0, der.setOf(...(options.certificates ?? [certificate]).map((each) => each.der))),
        der.setOf(...Array.from({ length: options.signers ?? 1 }, () => info)),
      ),
    ),
  )
}

export const defaultAttributes = (): Uint8Array[] => [
  formatAttribute(attributeOid.contentType, der.oid('1.2.840.113549.1.7.1')),
  formatAttribute(attributeOid.messageDigest, der.octetString(messageDigest('sha256'))),
]

export async function judge(
  message: Uint8Array,
  input: Partial<Parameters<typeof verifySignedData>[1]> = { messageDigest },
): Promise<{ status: SignerStatus; codes: string[] }> {
  const { status, findings } = await verifySignedData(parseSignedData(message), input)
  return { status, codes: findings.map(({ code }) => code) }
}
