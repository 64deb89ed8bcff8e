/** The seal maker (制章系统): issues SES v4 electronic seals (GB/T 38540) for certificates of the SM2 test authority. */
import { fromBase64 } from '@zhicheng/core'
import { type CertificateList, parseCertificate, type Signer, verifyCertificatePath } from '@zhicheng/crypto'
import { sniffFileType } from '@zhicheng/formats'
import { createEsSeal } from '@zhicheng/seal/ofd'
import * as v from 'valibot'
import type { Face, FaceContext } from '../../face.ts'
import { bytes, problem, readJson, refusing } from '../../lib/answers.ts'

const order = v.strictObject({
  /** Name of the seal (印章名称). */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  /** The certificate that may use the seal, PEM. */
  certificate: v.pipe(v.string(), v.maxLength(16_384)),
  picture: v.strictObject({
    type: v.picklist(['png']),
    /** Base64. */
    data: v.pipe(v.string(), v.maxLength(1_048_576)),
    /** Millimetres. */
    width: v.pipe(v.number(), v.minValue(10), v.maxValue(60)),
    height: v.pipe(v.number(), v.minValue(10), v.maxValue(60)),
  }),
})

/** What the seal maker works with. */
interface SealMakerOptions {
  /** Holds a certificate for making seals. */
  maker: Signer
  /** The authority's list of revoked certificates, as of now. */
  revocations: () => Promise<CertificateList>
}

/** Makes the face. */
export function createSealMakerFace(context: FaceContext, options: SealMakerOptions): Face {
  return {
    id: 'seal-maker',
    title: '测试电子印章制作系统',
    path: '/seal-maker',
    faults: {},
    async fetch(request) {
      if (request.method !== 'POST' || new URL(request.url).pathname !== '/seal-maker/seals') {
        return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'The seal maker takes POST /seal-maker/seals.')
      }
      return refusing(() => makeSeal(request, context, options))
    },
  }
}

async function makeSeal(
  request: Request,
  { clock }: FaceContext,
  { maker, revocations }: SealMakerOptions,
): Promise<Response> {
  const input = v.safeParse(order, await readJson(request, 2_097_152))
  if (!input.success) return problem(400, 'ERR_SANDBOX_BODY', 'A seal order wants name, certificate and picture.')
  const { name, certificate: pem, picture } = input.output
  const data = fromBase64(picture.data)
  if (sniffFileType(data) !== 'png') return problem(400, 'ERR_SANDBOX_BODY', 'The picture of a seal is a PNG.')
  const certificate = parseCertificate(pem)
  const now = clock.now()
  const anchors = maker.certificateChain.slice(1)
  const { status, revocation } = await verifyCertificatePath({
    leaf: certificate,
    anchors,
    at: now,
    usage: 'document-signing',
    crls: [await revocations()],
  })
  // A seal binds a certificate to an office: one from elsewhere is not ours to vouch for.
  if (status !== 'trusted')
    return problem(403, 'ERR_SANDBOX_SEAL_CERTIFICATE', 'The certificate is not from the SM2 test authority.')
  if (revocation.status !== 'good') return problem(403, 'ERR_SANDBOX_SEAL_CERTIFICATE', 'The certificate was revoked.')
  const seal = await createEsSeal({
    version: 4,
    name,
    picture: { ...picture, data },
    certificates: [certificate],
    maker,
    createdAt: now,
    validFrom: now,
    validUntil: certificate.notAfter,
  })
  return bytes(seal, 'application/octet-stream')
}
