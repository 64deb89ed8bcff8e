/** The department's keys: made here, certified by the test authorities, and the seal ordered from the seal maker. */
import { toBase64 } from '@zhicheng/core'
import {
  buildCertificateRequest,
  createDistinguishedName,
  formatPem,
  generateKeyPair,
  parsePrivateKey,
  pemSigner,
  type Signer,
} from '@zhicheng/crypto'
import type { DepartmentRegistration } from '@zhicheng/sandbox'
import { roundSeal, sealPicture } from '@zhicheng/seal/pdf'

/** Name of the department in this story. */
export const departmentName = '样例市市场监督管理局'

/** What the department signs and seals with. */
export interface DepartmentKeys {
  /** P-256, for PDF. */
  licence: Signer
  /** SM2, for OFD. */
  officialSeal: Signer
  /** The electronic seal (SES v4) that belongs to the SM2 certificate. */
  seal: Uint8Array
}

/** Makes the keys and has them certified; a department with a longer life would keep them. */
export async function openDepartmentKeys({
  registration,
  font,
}: {
  registration: DepartmentRegistration
  font: Uint8Array
}): Promise<DepartmentKeys> {
  const licence = await enrol(registration, { authority: 'ca', kind: 'ec-p256', commonName: departmentName })
  const officialSeal = await enrol(registration, { authority: 'sm2-ca', kind: 'sm2', commonName: departmentName })
  const seal = await orderSeal(registration, { font, certificate: officialSeal.certificatePem })
  return { licence: licence.signer, officialSeal: officialSeal.signer, seal }
}

async function enrol(
  { authority: { url } }: DepartmentRegistration,
  { authority, kind, commonName }: { authority: 'ca' | 'sm2-ca'; kind: 'ec-p256' | 'sm2'; commonName: string },
): Promise<{ signer: Signer; certificatePem: string }> {
  const { privateKeyPem } = await generateKeyPair(kind)
  const request = await buildCertificateRequest({
    subject: createDistinguishedName([
      ['C', 'CN'],
      ['O', departmentName],
      ['CN', commonName],
    ]),
    privateKey: parsePrivateKey(privateKeyPem),
  })
  const response = await fetch(`${url}/enroll`, {
    method: 'POST',
    body: JSON.stringify({
      authority,
      profile: 'document-signing',
      commonName,
      organization: departmentName,
      request: formatPem('CERTIFICATE REQUEST', request),
    }),
  })
  const answer = (await response.json()) as { certificateChain: string }
  if (!response.ok) throw new Error(`The authority refused the request: ${JSON.stringify(answer)}`)
  return {
    signer: pemSigner({ key: privateKeyPem, certificateChain: answer.certificateChain }),
    certificatePem: answer.certificateChain.split(/(?<=-----END CERTIFICATE-----\n)/)[0]!,
  }
}

async function orderSeal(
  { sealMaker: { url } }: DepartmentRegistration,
  { font, certificate }: { font: Uint8Array; certificate: string },
): Promise<Uint8Array> {
  const picture = await sealPicture(
    await roundSeal({ organisation: departmentName, title: '行政审批专用章', font, test: true }),
  )
  const response = await fetch(`${url}/seals`, {
    method: 'POST',
    body: JSON.stringify({
      name: `${departmentName}行政审批专用章`,
      certificate,
      picture: { type: 'png', data: toBase64(picture), width: 42, height: 42 },
    }),
  })
  if (!response.ok) throw new Error(`The seal maker refused the order: ${await response.text()}`)
  return new Uint8Array(await response.arrayBuffer())
}
