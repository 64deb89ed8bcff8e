/** Writes the description of a signature (Signature.xml, GB/T 33190, clause 18.2). */
import { formatXml, xml } from '@zhicheng/formats'
import type { OfdStamp } from '../../ofd/stamp.ts'
import { sm2Sm3Oid, sm3Oid } from './algorithms.ts'
import { ofdNamespace } from './amend.ts'

/** Everything the description says. */
export interface DescriptionInput {
  readonly folder: string
  readonly at: Date
  readonly references: readonly { readonly name: string; readonly digest: string }[]
  readonly stamps: readonly { readonly id: string; readonly pageId: string; readonly box: OfdStamp }[]
}

/** The bytes of the description. */
export function formatDescription({ folder, at, references, stamps }: DescriptionInput): Uint8Array {
  return formatXml(
    xml(
      'ofd:Signature',
      { 'xmlns:ofd': ofdNamespace },
      xml(
        'ofd:SignedInfo',
        null,
        xml('ofd:Provider', { ProviderName: 'Zhicheng', Company: 'Zhicheng', Version: '1.0' }),
        xml('ofd:SignatureMethod', null, sm2Sm3Oid),
        xml('ofd:SignatureDateTime', null, `${at.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`),
        xml(
          'ofd:References',
          { CheckMethod: sm3Oid },
          references.map(({ name, digest }) =>
            xml('ofd:Reference', { FileRef: `/${name}` }, xml('ofd:CheckValue', null, digest)),
          ),
        ),
        stamps.map(({ id, pageId, box }) =>
          xml('ofd:StampAnnot', {
            ID: id,
            PageRef: pageId,
            Boundary: [box.x, box.y, box.width, box.height].map(formatNumber).join(' '),
          }),
        ),
        xml('ofd:Seal', null, xml('ofd:BaseLoc', null, `/${folder}/Seal.esl`)),
      ),
      xml('ofd:SignedValue', null, `/${folder}/SignedValue.dat`),
    ),
  )
}

/** Millimetres to a thousandth, without trailing zeros. */
export function formatNumber(value: number): string {
  const rounded = Math.round(value * 1000) / 1000
  return String(rounded === 0 ? 0 : rounded)
}
