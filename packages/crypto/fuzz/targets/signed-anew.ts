/**
 * Structures that are changed and then signed again with the right key, so that the code behind the signature check
 * sees hostile input too: path rules, revocation, attributes and timestamps of an authority that went wrong. Here no
 * acceptance is forged; what counts is that nothing crashes or stalls.
 */
import { concatBytes, isZhichengError, utf8 } from '@zhicheng/core'
import { type Certificate, parseCertificate } from '../../src/certificate.ts'
import { type CertificateUsage, verifyCertificatePath } from '../../src/certificate-path.ts'
import { parseSignedData } from '../../src/cms-parse.ts'
import { verifySignedData } from '../../src/cms-verify.ts'
import { listRevoked, parseCertificateList } from '../../src/crl.ts'
import { type DerNode, der, parseDer, readOid } from '../../src/der.ts'
import { hash } from '../../src/hash.ts'
import { contentTypeOid } from '../../src/lib/cms/cms-oids.ts'
import { formatSignedAttributes, formatSignedData } from '../../src/lib/cms/signed-data-format.ts'
import { parseTimestampToken, verifyTimestampToken } from '../../src/timestamp-token.ts'
import { seedAuthority, seedTime } from '../authority.ts'
import { hostileExtensions } from '../extensions.ts'
import { seedKey } from '../keys.ts'
import type { Target } from '../target.ts'

const usages: readonly CertificateUsage[] = ['any', 'document-signing', 'timestamping', 'seal-making']
const algorithm = der.sequence(der.oid('1.3.101.112'))
const key = () => seedKey('ed25519', 'leaf')
const content = utf8('样例')

/** The input is the body of a certificate: it is judged as an end entity, as an issuer and as a trust anchor. */
export const pathRulesTarget: Target = {
  name: 'path-rules',
  async seeds() {
    const { leaf, middle } = await seedAuthority('ed25519')
    const bodies = [leaf.tbs, middle.tbs].map((body) => withFields(body))
    return [...bodies, ...bodies.flatMap((body) => hostileExtensions().map((added) => withFields(body, added)))]
  },
  async run(input) {
    const certificate = parseCertificate(der.sequence(input, algorithm, der.bitString(await key().sign(input))))
    const below = await issuedBelow(certificate)
    const status: string[] = []
    for (const [leaf, intermediates, anchors] of [
      [certificate, [], [await selfSigned()]],
      [below, [certificate], [await selfSigned()]],
      [below, [], [certificate]],
    ] as const) {
      for (const usage of usages) {
        const policies = { requireExplicit: usage === 'seal-making', acceptable: ['1.2.3'] }
        const result = await verifyCertificatePath({ leaf, intermediates, anchors, at: seedTime, usage, policies })
        status.push(result.status)
      }
    }
    return { accepted: true, label: [...new Set(status)].join(' ') }
  },
}

/** The body's signature algorithm and issuer replaced by those of the one key that signs here, and extensions added. */
function withFields(body: Uint8Array, added: Uint8Array = new Uint8Array()): Uint8Array {
  const [version, serial, , , ...rest] = parseDer(body).children
  const extensions = rest.at(-1)!.children[0]!
  return der.sequence(
    version!.bytes,
    serial!.bytes,
    algorithm,
    issuerName,
    ...rest.slice(0, -1).map(({ bytes }) => bytes),
    der.explicit(3, der.sequence(withoutType(extensions.children, added), added)),
  )
}

/** Extensions but those of the same type as the one that is added: a type may occur once. */
function withoutType(extensions: readonly DerNode[], added: Uint8Array): Uint8Array[] {
  const type = added.length === 0 ? '' : readOid(parseDer(added).children[0])
  return extensions.filter(({ children }) => readOid(children[0]) !== type).map(({ bytes }) => bytes)
}

const issuerName = der.sequence(der.setOf(der.sequence(der.oid('2.5.4.3'), der.utf8String('样例签发者'))))

async function certify(subject: Uint8Array, issuer: Uint8Array, extensions: Uint8Array): Promise<Certificate> {
  const { publicKey, sign } = key()
  const body = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(9),
    algorithm,
    issuer,
    der.sequence(der.utcTime(new Date('2026-01-01')), der.utcTime(new Date('2027-01-01'))),
    subject,
    publicKey.spki,
    der.explicit(3, der.sequence(extensions)),
  )
  return parseCertificate(der.sequence(body, algorithm, der.bitString(await sign(body))))
}

let issuer: Promise<Certificate> | undefined

function selfSigned(): Promise<Certificate> {
  const basic = der.sequence(der.oid('2.5.29.19'), der.boolean(true), der.octetString(der.sequence(der.boolean(true))))
  issuer ??= certify(issuerName, issuerName, basic)
  return issuer
}

function issuedBelow(certificate: Certificate): Promise<Certificate> {
  const subject = der.sequence(der.setOf(der.sequence(der.oid('2.5.4.3'), der.utf8String('样例下'))))
  const usage = der.sequence(der.oid('2.5.29.15'), der.octetString(der.namedBits([0])))
  return certify(subject, certificate.subject.der, concatBytes(usage, ...hostileExtensions().slice(-2)))
}

/** The input is the body of a list of the leaf's issuer. */
export const listRulesTarget: Target = {
  name: 'crl-rules',
  async seeds() {
    const { list, leaf } = await seedAuthority('p256')
    const made = await list('middle', [
      { serialNumber: leaf.serialNumber, at: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' },
    ])
    const [body] = parseDer(made).children
    const fields = body!.children.map(({ bytes }) => bytes)
    const extended = hostileExtensions().map((added) =>
      der.sequence(
        ...fields.slice(0, -1),
        der.explicit(0, der.sequence(body!.children.at(-1)!.children[0]!.content, added)),
      ),
    )
    return [body!.bytes.slice(), ...extended]
  },
  async run(input) {
    const { leaf, middle, root, crls } = await seedAuthority('p256')
    const signature = await seedKey('ed25519', 'middle').sign(input)
    const list = parseCertificateList(der.sequence(input, algorithm, der.bitString(signature)))
    let entries = 'entries read'
    try {
      for (const entry of listRevoked(list)) void entry.at.getTime()
    } catch (error) {
      if (!isZhichengError(error)) throw error
      entries = error.code
    }
    const { revocation } = await verifyCertificatePath({
      leaf,
      intermediates: [middle],
      anchors: [root],
      crls: [crls[0]!, list],
      at: seedTime,
    })
    return { accepted: true, label: `${revocation.status}, ${entries}` }
  },
}

/** The input is the set of signed attributes of a message. */
export const attributesTarget: Target = {
  name: 'cms-attributes',
  async seeds() {
    const { leafSigner } = await seedAuthority('ed25519')
    return [
      formatSignedAttributes({
        certificate: leafSigner.certificateChain[0],
        digestAlgorithm: 'sha512',
        messageDigest: hash('sha512', content),
        contentType: contentTypeOid.data,
        signingTime: seedTime,
      }),
    ]
  },
  async run(input) {
    const { leafSigner } = await seedAuthority('ed25519')
    const parts = {
      algorithm: leafSigner.algorithm,
      certificate: leafSigner.certificateChain[0],
      digestAlgorithm: 'sha512',
      contentType: contentTypeOid.data,
      certificates: leafSigner.certificateChain,
      profile: 'cms',
      attributes: input,
    } as const
    if (input.length === 0) return { accepted: true, label: 'empty' }
    const message = formatSignedData(parts, await leafSigner.sign(input))
    const { status, findings } = await verifySignedData(parseSignedData(message), { content })
    return { accepted: true, label: [status, ...findings.map(({ code }) => code)].slice(0, 2).join(' ') }
  },
}

/** The input is the content of a timestamp token. */
export const timestampContentTarget: Target = {
  name: 'timestamp-content',
  async seeds() {
    const imprint = der.sequence(
      der.sequence(der.oid('2.16.840.1.101.3.4.2.1')),
      der.octetString(hash('sha256', content)),
    )
    const extension = der.sequence(der.oid('1.2.3'), der.octetString(der.null()))
    return [
      der.sequence(der.integer(1), der.oid('1.2.3.4'), imprint, der.integer(7), der.generalizedTime(seedTime)),
      der.sequence(
        ...[der.integer(1), der.oid('1.2.3.4'), imprint, der.integer(7), der.generalizedTime(seedTime)],
        der.sequence(der.integer(1), der.implicit(0, der.integer(500)), der.implicit(1, der.integer(100))),
        der.boolean(true),
        der.integer(31),
        der.explicit(0, der.explicit(4, issuerName)),
        der.implicit(1, der.sequence(extension)),
      ),
    ]
  },
  async run(input) {
    const { timestampSigner: signer } = await seedAuthority('ed25519')
    const [certificate] = signer.certificateChain
    const digestAlgorithm = 'sha512' as const
    const contentType = contentTypeOid.timestampInfo
    const messageDigest = hash(digestAlgorithm, input)
    const attributes = formatSignedAttributes({ certificate, digestAlgorithm, messageDigest, contentType })
    const parts = {
      ...{ algorithm: signer.algorithm, certificate, digestAlgorithm, contentType, attributes },
      content: input,
      certificates: signer.certificateChain,
      profile: 'cms' as const,
    }
    const token = parseTimestampToken(formatSignedData(parts, await signer.sign(attributes)))
    const { status } = await verifyTimestampToken(token, { imprint: (name) => hash(name, content) })
    return { accepted: true, label: status }
  },
}
