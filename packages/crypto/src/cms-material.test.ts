import { inflateRawSync } from 'node:zlib'
import type { DigestAlgorithm } from '@zhicheng/core'
import { expect, it } from 'vitest'
import { describeWithMaterial, material } from '../test/tools.ts'
import { parseSignedData, type SignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { createHash } from './hash.ts'
import { allowSha1 } from './signature-algorithm.ts'
import { parseTimestampToken, verifyTimestampToken } from './timestamp-token.ts'

interface Signature {
  message: Uint8Array
  messageDigest: (algorithm: DigestAlgorithm) => Uint8Array
}

/** The signatures of a PDF file in their order; just enough for files that are known to be well formed. */
function signaturesOf(file: string): Signature[] {
  const bytes = material('seal-pdf', file)
  const text = Buffer.from(bytes).toString('latin1')
  return [...text.matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)].map((match) => {
    const [start, length, next, rest] = match.slice(1).map(Number) as [number, number, number, number]
    const hex = text.slice(start + length, next).replace(/[<>\s]/g, '')
    return {
      message: Uint8Array.from(Buffer.from(hex, 'hex')),
      messageDigest: (algorithm) =>
        createHash(algorithm)
          .update(bytes.subarray(start, start + length))
          .update(bytes.subarray(next, next + rest))
          .digest(),
    }
  })
}

async function judge({ message, messageDigest }: Signature) {
  const { status, algorithm, findings, timestamp } = await verifySignedData(parseSignedData(message), { messageDigest })
  return { status, algorithm, codes: findings.map(({ code }) => code), timestamp: timestamp?.status }
}

describeWithMaterial('signatures in files of others (skipped unless ZHICHENG_MATERIAL is set)', () => {
  it.each([
    [
      'a signer named by subject key identifier',
      'pyh__sig-with-ski-sid.pdf',
      0,
      'valid',
      ['CMS_SIGNING_CERTIFICATE_V1'],
    ],
    [
      'the older certificate attribute',
      'pyh__pades-with-old-style-signing-cert-attr.pdf',
      0,
      'valid',
      ['CMS_SIGNING_CERTIFICATE_V1'],
    ],
    ['Ed25519', 'pyh__extensions-direct.pdf', 1, 'valid', []],
    ['a timestamp inside', 'pyh__pades-lta-dss-indirect-arrs-test.pdf', 0, 'valid', []],
    [
      'a content of its own',
      'pyh__pdf-sig-with-econtent.pdf',
      0,
      'signature-invalid',
      ['CMS_CONTENT_IN_DETACHED', 'CMS_DIGEST_MISMATCH'],
    ],
    ['SHA-1 in BER', 'dss__pades-signed-filled-form.pdf', 0, 'unsupported', ['CMS_BER', 'CMS_DIGEST_WEAK']],
  ] as const)('are judged as expected: %s', async (_, file, index, status, codes) => {
    const result = await judge(signaturesOf(file)[index]!)
    expect(result).toMatchObject({ status, codes })
    if (file.includes('lta')) expect(result.timestamp).toBe('valid')
  })

  it('are verified with SHA-1 when that is asked for', async () => {
    const { message, messageDigest } = signaturesOf('dss__pades-signed-filled-form.pdf')[0]!
    const result = await verifySignedData(parseSignedData(message), { messageDigest, [allowSha1]: true })
    expect(result).toMatchObject({ status: 'valid', algorithm: 'rsa-sha1' })
  })

  it('with broken numbers are refused with a code', () => {
    expect(() => parseSignedData(signaturesOf('dss__BadEncodedCMS.pdf')[0]!.message)).toThrow(
      expect.objectContaining({ code: 'ERR_DER_INVALID' }),
    )
  })

  it('a document timestamp that was copied is over something else', async () => {
    const [, first, copied] = signaturesOf('dss__pades-t-duplicated-doctst.pdf')
    const verify = async ({ message, messageDigest }: Signature): Promise<string> =>
      (await verifyTimestampToken(parseTimestampToken(message), { imprint: messageDigest })).status
    expect(await verify(first!)).toBe('valid')
    expect(await verify(copied!)).toBe('imprint-mismatch')
  })

  it('a message of GM/T 0010 over a digest, as OFD has it, is verified with the key of its certificate', async () => {
    const message = parseSignedData(readStored('hello-integrity.ofd', 'signedvalue.dat'))
    expect(message).toMatchObject({ isGm: true, contentType: '1.2.156.10197.6.1.4.2.1' } satisfies Partial<SignedData>)
    expect(message.content).toHaveLength(32)
    const result = await verifySignedData(message, {})
    expect(result).toMatchObject({ status: 'valid', algorithm: 'sm2-sm3' })
    const other = await verifySignedData({ ...message, content: new Uint8Array(32) }, {})
    expect(other.status).toBe('signature-invalid')
  })
})

/** An entry of a zip file, by its local header. */
function readStored(file: string, name: string): Uint8Array {
  const archive = Buffer.from(material('seal-ofd', 'ofd', file))
  for (let at = archive.indexOf('PK\u0003\u0004'); at >= 0; at = archive.indexOf('PK\u0003\u0004', at + 4)) {
    const [nameLength, extraLength] = [archive.readUInt16LE(at + 26), archive.readUInt16LE(at + 28)]
    if (archive.toString('latin1', at + 30, at + 30 + nameLength) !== name) continue
    const start = at + 30 + nameLength + extraLength
    const data = archive.subarray(start, start + archive.readUInt32LE(at + 18))
    return new Uint8Array(archive.readUInt16LE(at + 8) === 0 ? data : inflateRawSync(data))
  }
  throw new Error(`${name} is not in ${file}`)
}
