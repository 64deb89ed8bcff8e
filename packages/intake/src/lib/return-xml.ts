/**
 * The three XML texts of the receiving step. @unverified The shapes are known, the fields of `baseInfoXml` only in part.
 */
import { fromUtf8 } from '@zhicheng/core'
import { formatXml, type JsonValue, xml } from '@zhicheng/formats'
import type { Material } from '../case-events.ts'
import type { ServiceItem } from '../service-item.ts'

/** What all three need. */
export interface ReturnXmlInput {
  projectNumber: string
  item: ServiceItem
  belongSystem: string
  areaCode: string
  /** `2026-11-24 09:00:00` */
  time: string
}

/** `baseInfoXml`: who applied for what. */
export function formatBaseInfoXml(
  { projectNumber, item, belongSystem, areaCode, time }: ReturnXmlInput,
  { caseNumber, applicantName }: { caseNumber: string; applicantName: string },
): string {
  const fields = {
    PROJID: projectNumber,
    SERVICECODE: item.code,
    SERVICENAME: item.name,
    PROJECTNAME: item.name,
    APPLYNAME: applicantName,
    RECEIVETIME: time,
    OUTSYSTEMID: caseNumber,
    BELONGSYSTEM: belongSystem,
    AREACODE: areaCode,
    SYNC_STATUS: 'I',
    CREATE_TIME: time,
  }
  const call = xml(
    'CALLINFO',
    null,
    xml('CALLER', null, belongSystem),
    xml('CALLOPERATE', null, 'RECEIVE'),
    xml('CALLTIME', null, time),
  )
  return format(xml('RECORD', null, call, elements(fields)))
}

/** `attrXml`: the materials. */
export function formatAttrXml(
  { projectNumber, belongSystem, areaCode, time, item }: ReturnXmlInput,
  { materials, urlOf }: { materials: readonly Material[]; urlOf: (material: Material) => string },
): string {
  const records = materials.map((material, index) => {
    const name = item.materials.find(({ code }) => code === material.code)?.name ?? material.code
    const fields = {
      UNID: material.id,
      PROJID: projectNumber,
      ATTRNAME: name,
      ATTRID: material.code,
      SORTID: String(index + 1),
      // How and whether a material was taken: the platform's codes are not known.
      TAKETYPE: '',
      ISTAKE: '1',
      AMOUNT: '1',
      TAKETIME: time,
      MEMO: '',
      BELONGSYSTEM: belongSystem,
      AREACODE: areaCode,
      EXTEND: '',
      DATAVERSION: '1',
      SYNC_STATUS: 'I',
      CREATE_TIME: time,
    }
    const file = elements({ FILENAME: material.name, FILEURL: urlOf(material), FILEPWD: '' })
    return xml('RECORD', null, elements(fields), xml('FILES', null, xml('FILEINFO', null, file)))
  })
  return format(xml('RECORDS', null, records))
}

/** `formXml`: the form, field by field, in the order of its layout. */
export function formatFormXml(item: ServiceItem, form: JsonValue): string {
  const items = item.form.layout.groups
    .flatMap(({ fields }) => fields)
    .flatMap(({ path, label }) => {
      const value = textAt(form, path)
      return value === undefined
        ? []
        : [xml('Item', { name: path.slice(1).replaceAll('/', '.'), name_cn: label }, value)]
    })
  return format(xml('RECORDS', null, xml('FormInfo', { name: item.name }, items)))
}

function textAt(form: JsonValue, path: string): string | undefined {
  let current: JsonValue | undefined = form
  for (const name of path.split('/').slice(1)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined
    current = (current as Readonly<Record<string, JsonValue>>)[name]
  }
  if (current === undefined) return undefined
  if (Array.isArray(current)) return (current as readonly JsonValue[]).map(String).join('；')
  return typeof current === 'object' ? JSON.stringify(current) : String(current)
}

function elements(fields: Readonly<Record<string, string>>): ReturnType<typeof xml>[] {
  return Object.entries(fields).map(([name, value]) => xml(name, null, value))
}

function format(root: ReturnType<typeof xml>): string {
  return fromUtf8(formatXml(root, { declaration: false }))
}
