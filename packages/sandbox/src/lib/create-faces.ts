/** Makes every face, each with the keys and the registration of the platform it stands for. */
import { secret } from '@zhicheng/core'
import { formatCertificatePem, parseCertificateList } from '@zhicheng/crypto'
import type { Face, FaceContext } from '../face.ts'
import { type ArchiveFaceOptions, createArchiveFace } from '../faces/archive/index.ts'
import { testScanner } from '../faces/archive/test-scanner.ts'
import { createAuthorityFace } from '../faces/authority/index.ts'
import { createCreditFace } from '../faces/credit/index.ts'
import { createIntakeFace } from '../faces/intake/index.ts'
import { createOcspFace } from '../faces/ocsp/index.ts'
import { createSealMakerFace } from '../faces/seal-maker/index.ts'
import { createTimestampFace } from '../faces/timestamp/index.ts'
import { createWechatFace } from '../faces/wechat/index.ts'
import { createZhelibanFace } from '../faces/zheliban/index.ts'
import type { DepartmentRegistration } from '../registration.ts'
import { problem } from './answers.ts'
import { documentVerifier } from './document-verifier.ts'
import type { SandboxKeys } from './keys.ts'

/** What a face is made of. */
export interface FaceParts {
  keys: SandboxKeys
  registration: DepartmentRegistration
}

/** Makers of faces by their mount path. */
export type FaceMakers = Readonly<
  Record<`/${string}`, (context: FaceContext, parts: FaceParts) => Promise<Face> | Face>
>

const everywhere: FaceMakers = {
  '/oidc': () => needsNode({ id: 'oidc', title: '统一身份认证平台', path: '/oidc' }),
  '/zheliban': (context, { registration: { zhejiang } }) =>
    createZhelibanFace(context, {
      apps: [
        {
          appId: zhejiang.appId,
          accessKey: zhejiang.accessKey,
          secretKey: secret(zhejiang.secretKey),
          callbackUrl: zhejiang.callbackUrl,
        },
      ],
    }),
  '/ca': (context, { keys }) =>
    createAuthorityFace(context, {
      authorities: keys.authorities,
      published: {
        tsa: formatCertificatePem(keys.tsa.certificateChain[0]),
        'seal-maker': formatCertificatePem(keys.sealMaker.certificateChain[0]),
      },
    }),
  '/ocsp': (context, { keys }) => createOcspFace(context, { authorities: keys.authorities }),
  '/tsa': (context, { keys }) => createTimestampFace(context, { signer: keys.tsa }),
  '/seal-maker': (context, { keys }) =>
    createSealMakerFace(context, {
      maker: keys.sealMaker,
      revocations: async () => parseCertificateList(await keys.authorities['sm2-ca'].currentCrl()),
    }),
  '/wechat': (context, { keys }) => createWechatFace(context, { keys: keys.wechat }),
  '/credit': (context, { registration: { credit } }) =>
    createCreditFace(context, { apps: [{ appKey: credit.appKey, appSecret: secret(credit.appSecret) }] }),
  '/intake': (context) => createIntakeFace(context),
  '/archive': (context, parts) => createArchiveFace(context, archiveOptions(context, parts)),
}

/** What every archive of the sandbox has: its log's key, and checks that verify seals as well. */
export function archiveOptions(context: FaceContext, { keys }: FaceParts): ArchiveFaceOptions {
  return {
    logKey: keys.archiveLog,
    check: { stage: 'transfer', scan: testScanner, verifyDocument: documentVerifier(context, keys) },
  }
}

/** Makes all faces, or none; those in `further` replace ours of the same path. */
export async function createFaces(
  context: FaceContext,
  { further, ...parts }: FaceParts & { further: FaceMakers },
): Promise<readonly Face[]> {
  const makers = Object.values({ ...everywhere, ...further })
  const made = await Promise.allSettled(makers.map(async (make) => make(context, parts)))
  const faces = made.filter((one) => one.status === 'fulfilled').map(({ value }) => value)
  const failed = made.find((one) => one.status === 'rejected')
  if (!failed) return faces
  await closeFaces(faces)
  throw failed.reason
}

/** Ends everything the faces hold. */
export async function closeFaces(faces: readonly Face[]): Promise<void> {
  await Promise.all(faces.map((face) => face.close?.()))
}

/** Stands where a face is that cannot run in this runtime, and says so. */
function needsNode(face: Pick<Face, 'id' | 'title' | 'path'>): Face {
  return {
    ...face,
    faults: {},
    fetch: async () =>
      problem(501, 'ERR_SANDBOX_NEEDS_NODE', 'This platform runs in Node only: start it with "zhicheng sandbox".'),
  }
}
