/** The metadata documents of a case package: base information, process information, and PREMIS for preservation. */
import { formatXml, xml } from '@zhicheng/formats'
import type { CaseLayout, MaterialFolder } from '../archive-profile.ts'
import type { WrittenFile } from '../bag-writer.ts'
import type { CaseDescription } from '../case-description.ts'
import { extensionOf, formatOfName } from '../file-formats.ts'

/** A packed file with what was known of it before. */
export interface DescribedFile extends WrittenFile {
  folder: MaterialFolder
  /** Name it had before. */
  originalName: string
  title: string
  code: string
  /** ISO time with offset. */
  createdAt?: string
}

/** `基本信息元数据.xml`: one element an item, then the files by folder. @unverified beyond the file elements. */
export function formatBaseInfo(
  description: CaseDescription,
  { layout, files }: { layout: CaseLayout; files: readonly DescribedFile[] },
): Uint8Array<ArrayBuffer> {
  const values = valuesOf(description)
  const items = layout.elements.map(({ tag, title }) => {
    const value = values[tag]
    return value === undefined ? undefined : xml(tag, { title }, value)
  })
  const folders = layout.folders
    .map((folder) => ({ folder, inside: files.filter((file) => file.folder.kind === folder.kind) }))
    .filter(({ inside }) => inside.length > 0)
    .map(({ folder, inside }) =>
      xml('folder', { title: folder.name, name: folder.title }, ...inside.map((file) => formatFile(file))),
    )
  const root = xml('base_info', { title: '基本信息元数据' }, ...items, xml('fileset', { title: '文件集' }, ...folders))
  return formatXml(root, { indent: true })
}

/** `流程信息元数据.xml`: the steps in order. @unverified: the standard's element names are not public. */
export function formatProcessInfo({ number, events }: CaseDescription): Uint8Array<ArrayBuffer> {
  const steps = events.map(({ name, at, actor, note }, index) =>
    xml(
      'event',
      { id: String(index + 1).padStart(4, '0') },
      xml('event_name', { title: '业务行为' }, name),
      xml('event_time', { title: '行为时间' }, at),
      actor === undefined ? undefined : xml('event_actor', { title: '机构人员' }, actor),
      note === undefined ? undefined : xml('event_description', { title: '行为描述' }, note),
    ),
  )
  const root = xml(
    'process_info',
    { title: '流程信息元数据' },
    xml('document_number', { title: '电子文件号' }, number),
    ...steps,
  )
  return formatXml(root, { indent: true })
}

/** `metadata/premis.xml` (PREMIS 3.0): digest, size, format and original name of every file. */
export function formatPremis(files: readonly DescribedFile[]): Uint8Array<ArrayBuffer> {
  const objects = files.map(({ path, size, sha256, originalName }) => {
    const format = formatOfName(path)
    return xml(
      'premis:object',
      { 'xsi:type': 'premis:file' },
      xml(
        'premis:objectIdentifier',
        null,
        xml('premis:objectIdentifierType', null, 'path in the package'),
        xml('premis:objectIdentifierValue', null, path),
      ),
      xml(
        'premis:objectCharacteristics',
        null,
        xml(
          'premis:fixity',
          null,
          xml('premis:messageDigestAlgorithm', null, 'SHA-256'),
          xml('premis:messageDigest', null, sha256),
        ),
        xml('premis:size', null, String(size)),
        xml(
          'premis:format',
          null,
          xml(
            'premis:formatDesignation',
            null,
            xml('premis:formatName', null, format?.mediaType ?? 'application/octet-stream'),
          ),
          format?.pronom === undefined
            ? undefined
            : xml(
                'premis:formatRegistry',
                null,
                xml('premis:formatRegistryName', null, 'PRONOM'),
                xml('premis:formatRegistryKey', null, format.pronom),
              ),
        ),
      ),
      xml('premis:originalName', null, originalName),
    )
  })
  const namespaces = {
    'xmlns:premis': 'http://www.loc.gov/premis/v3',
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    version: '3.0',
  }
  return formatXml(xml('premis:premis', namespaces, ...objects), { indent: true })
}

function formatFile(file: DescribedFile) {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  return xml(
    'file',
    { id: name.replace(/\..*$/, '') },
    xml('file_code', { title: '归档文件类型' }, file.code),
    xml('file_standard_name', { title: '归档文件目录名称' }, file.title),
    xml('file_actual_name', { title: '归档文件名称' }, name),
    xml('format_information', { title: '归档文件格式' }, formatOfName(name)?.name ?? extensionOf(name).toUpperCase()),
    xml('computer_file_name', { title: '计算机文件名' }, file.originalName),
    xml('computer_file_size', { title: '计算机文件大小' }, String(file.size)),
    file.createdAt === undefined
      ? undefined
      : xml('computer_file_creation_time', { title: '计算机文件创建时间' }, file.createdAt),
  )
}

function valuesOf(about: CaseDescription): Readonly<Record<string, string | undefined>> {
  return {
    document_number: about.number,
    case_number: about.caseNumber,
    project_name: about.title,
    task_code: about.item.code,
    task_version: about.item.version,
    task_name: about.item.name,
    department_name: about.department.name,
    social_code: about.department.uscc,
    region_code: about.department.regionCode,
    applicant_name: about.applicant.name,
    applicant_code: about.applicant.uscc,
    fonds_identifier: about.fonds,
    category_code: about.category,
    year: String(about.year),
    retention_period: about.retention,
    accepted_time: about.acceptedAt,
    completed_time: about.completedAt,
    result: about.result,
  }
}
