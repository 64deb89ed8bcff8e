/** Signed messages, detached and with their content, in both families of object identifiers, with timestamps. */
import { fromHex, utf8 } from '@zhicheng/core'
import { createSignedData } from '../../src/cms-create.ts'
import { parseSignedData } from '../../src/cms-parse.ts'
import { verifySignedData } from '../../src/cms-verify.ts'
import { der } from '../../src/der.ts'
import { hash } from '../../src/hash.ts'
import { defaultDigest, formatCmsSignatureAlgorithm, formatDigestAlgorithm } from '../../src/lib/cms/cms-algorithms.ts'
import { attributeOid, contentTypeOid } from '../../src/lib/cms/cms-oids.ts'
import { formatAttribute } from '../../src/lib/cms/signed-data-format.ts'
import { type SeedAuthority, seedAuthorities } from '../authority.ts'
import { describeValue } from '../claims.ts'
import type { Target } from '../target.ts'
import { seedTimestamps } from '../timestamps.ts'
import { formatForest, parseForest } from '../tree.ts'

const content = utf8('样例行政许可决定书')

/** Messages whose content lies outside. */
export const detachedTarget: Target = {
  name: 'cms',
  async seeds() {
    const authorities = await seedAuthorities()
    const plain = await Promise.all(authorities.map((authority) => messagesOf(authority, undefined)))
    return plain.flat()
  },
  run: (input) => verify(input, { content }),
}

/** Messages that bring their content along. */
export const attachedTarget: Target = {
  name: 'cms-attached',
  async seeds() {
    const authorities = await seedAuthorities()
    const messages = (await Promise.all(authorities.map((authority) => messagesOf(authority, content)))).flat()
    // A timestamp is a message of its own, which a change may lift out of the one it stands in.
    const tokens = messages.flatMap((message) => parseSignedData(message).signerInfos[0]!.timestamps)
    return [...messages, ...tokens, ...messages.slice(0, 3).map(inBer)]
  },
  run: (input) => verify(input, {}),
}

async function verify(input: Uint8Array, outside: { content?: Uint8Array }) {
  const message = parseSignedData(input)
  const authorities = await seedAuthorities()
  const result = await verifySignedData(message, {
    ...outside,
    timestampTrust: { anchors: authorities.map(({ root }) => root) },
  })
  if (result.status !== 'valid') return { accepted: false, label: result.status }
  const claims = message.signerInfos.map(({ signedBytes, signingTime, signedAttributes }) =>
    describeValue({
      signed: signedBytes,
      signingTime,
      types: signedAttributes.map(({ oid }) => oid),
      // Without signed attributes nothing but the bytes of the content is protected.
      contentType: message.contentType,
      content: message.content ?? content,
    }),
  )
  const { certificate, bindsCertificate, signedAt, timestamp } = result
  claims.push(describeValue({ key: certificate?.publicKey.keyBytes, signedAt }))
  if (bindsCertificate) claims.push(describeValue(certificate!.der))
  if (timestamp?.status === 'valid' && timestamp.chain?.status === 'trusted') {
    const { time, accuracy, policy } = timestamp
    claims.push(describeValue({ time, accuracy, policy, by: timestamp.certificate?.der }))
  }
  return { accepted: true, label: timestamp ? `valid, timestamp ${timestamp.status}` : 'valid', claims }
}

async function messagesOf(authority: SeedAuthority, inside: Uint8Array | undefined): Promise<Uint8Array[]> {
  const { leafSigner: signer } = authority
  const digest = defaultDigest(signer.algorithm)
  const input = { signer, messageDigest: hash(digest, content), ...(inside ? { encapsulate: inside } : {}) }
  const signingTime = new Date('2026-05-31T01:02:03Z')
  return [
    await createSignedData(input),
    await createSignedData({ ...input, signingTime, timestamps: seedTimestamps(authority.timestampSigner) }),
    ...(signer.algorithm === 'sm2-sm3' ? [await createSignedData({ ...input, profile: 'gm' })] : []),
    await byHand(authority, inside, 'bare'),
    await byHand(authority, inside, 'protected'),
  ]
}

/** What the writer never makes: no signed attributes, or a signer named by its key and protected algorithms. */
async function byHand(
  { leafSigner, leaf }: SeedAuthority,
  inside: Uint8Array | undefined,
  form: 'bare' | 'protected',
): Promise<Uint8Array> {
  const digest = defaultDigest(leafSigner.algorithm)
  const [digestAlgorithm, algorithm] = [
    formatDigestAlgorithm(digest),
    formatCmsSignatureAlgorithm(leafSigner.algorithm),
  ]
  const attributes = der.setOf(
    formatAttribute(attributeOid.contentType, der.oid(contentTypeOid.data)),
    formatAttribute(attributeOid.messageDigest, der.octetString(hash(digest, content))),
    formatAttribute(attributeOid.algorithmProtection, der.sequence(digestAlgorithm, der.implicit(1, algorithm))),
  )
  const named = der.sequence(leaf.issuer.der, der.unsignedInteger(fromHex(leaf.serialNumber)))
  const bare = form === 'bare'
  const info = der.sequence(
    der.integer(bare ? 1 : 3),
    bare ? named : der.implicit(0, der.octetString(leaf.subjectKeyIdentifier!)),
    digestAlgorithm,
    ...(bare ? [] : [der.implicit(0, attributes)]),
    algorithm,
    der.octetString(await leafSigner.sign(bare ? content : attributes)),
  )
  const body = der.sequence(
    der.integer(bare ? 1 : 3),
    der.setOf(digestAlgorithm),
    der.sequence(der.oid(contentTypeOid.data), ...(inside ? [der.explicit(0, der.octetString(inside))] : [])),
    der.implicit(0, der.setOf(leaf.der)),
    der.setOf(info),
  )
  return der.sequence(der.oid(contentTypeOid.signedData), der.explicit(0, body))
}

/** The outer layers with indefinite lengths, as streaming signers write them. */
function inBer(message: Uint8Array): Uint8Array {
  const forest = parseForest(message)
  const [info] = forest
  const wrapped = info!.children![1]!
  for (const layer of [info!, wrapped, wrapped.children![0]!]) layer.length = 'indefinite'
  return formatForest(forest)
}
