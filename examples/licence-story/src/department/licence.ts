/** The licence: one description, made as PDF and as OFD, sealed in both. */

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Support } from '@zhicheng/sdk'
import { createPdf, type LicenceContent, licenceDocument, licenceSealArea } from '@zhicheng/seal/document'
import { createOfd } from '@zhicheng/seal/ofd'
import { roundSeal } from '@zhicheng/seal/pdf'
import { departmentName } from './keys.ts'

const pointsPerMillimetre = 72 / 25.4
const pageHeight = 210

/** A serif font with Chinese characters, from a package (OFL-1.1): the machine needs none. */
export async function readFont(): Promise<Uint8Array> {
  const path = createRequire(import.meta.url).resolve(
    '@fontsource/noto-serif-sc/files/noto-serif-sc-chinese-simplified-400-normal.woff2',
  )
  return readFile(path)
}

/** Makes the licence in both formats and seals both: PAdES with a timestamp, and SES v4 with SM2. */
export async function issueLicence(
  support: Support,
  { content, font, createdAt }: { content: LicenceContent; font: Uint8Array; createdAt: Date },
): Promise<{ pdf: Uint8Array; ofd: Uint8Array }> {
  const description = licenceDocument({ content, font, createdAt, sample: true })
  const seal = await roundSeal({ organisation: departmentName, title: '行政审批专用章', font, test: true })
  const { page, x, y, width, height } = licenceSealArea
  const pdf = await support.seal.pdf.sign(await createPdf(description), {
    signer: 'licence',
    level: 'B-T',
    reason: '发证',
    visible: {
      page,
      // PDF counts in points from the bottom left, the description in millimetres from the top left.
      x: x * pointsPerMillimetre,
      y: (pageHeight - y - height) * pointsPerMillimetre,
      width: width * pointsPerMillimetre,
      height: height * pointsPerMillimetre,
      seal,
    },
  })
  const ofd = await support.seal.ofd.sign(await createOfd(description), {
    signer: 'officialSeal',
    seal: 'officialSeal',
    stamps: [licenceSealArea],
    // A licence is finished with its seal: nobody shall add another one.
    closing: true,
  })
  return { pdf, ofd }
}
