/**
 * A case package in the manner of GB/T 42727-2023 (政务服务事项电子文件归档规范): a bag whose payload has base metadata, process
 * metadata and one folder for each material class.
 *
 * @unverified The text of the standard's chapters 7 to 10 and its annexes is not public. Layout and file elements follow a
 * deployment of 2022; tags of the other items are ours. Replace this data when the printed standard is at hand.
 */
import type { ArchiveProfile } from '../archive-profile.ts'
import { bagitProfile } from './bagit.ts'

/** Case packages of government services. */
export const gbt42727Profile: ArchiveProfile = {
  id: 'gbt42727-2023',
  checks: [
    ...bagitProfile.checks,
    'integrity.sm3',
    'usability.metadata',
    'integrity.metadata-required',
    'authenticity.metadata-values',
    'authenticity.identifier',
    'integrity.file-count',
    'authenticity.attributes',
    'integrity.process',
    'usability.format',
    'usability.readable',
    'security.executable',
    'authenticity.seal',
    'authenticity.package-signature',
    'security.virus',
  ],
  // The receiving archive scans whatever arrives; in the office that hands over, the machine's own scanner has the word.
  optional: { archiving: ['security.virus'], transfer: [], preservation: [] },
  layout: {
    baseInfo: 'data/基本信息元数据.xml',
    processInfo: 'data/流程信息元数据.xml',
    sm3List: 'checksum/payload-sm3.txt',
    elements: [
      { tag: 'document_number', title: '电子文件号', required: true, maxLength: 100, pattern: /^[A-Za-z0-9._-]+$/ },
      { tag: 'case_number', title: '办件编号', required: true, maxLength: 100, pattern: /^[\x21-\x7e]+$/ },
      { tag: 'project_name', title: '题名', required: true, maxLength: 500 },
      { tag: 'task_code', title: '事项编码', required: true, maxLength: 64, pattern: /^[\x21-\x7e]+$/ },
      { tag: 'task_version', title: '事项版本', required: false, maxLength: 32 },
      { tag: 'task_name', title: '事项名称', required: true, maxLength: 300 },
      { tag: 'department_name', title: '办理机构名称', required: true, maxLength: 200 },
      {
        tag: 'social_code',
        title: '办理机构统一社会信用代码',
        required: true,
        maxLength: 18,
        pattern: /^[0-9A-Z]{18}$/,
      },
      { tag: 'region_code', title: '行政区划代码', required: true, maxLength: 12, pattern: /^\d{6}(\d{6})?$/ },
      { tag: 'applicant_name', title: '申请人名称', required: true, maxLength: 200 },
      {
        tag: 'applicant_code',
        title: '申请人统一社会信用代码',
        required: false,
        maxLength: 18,
        pattern: /^[0-9A-Z]{18}$/,
      },
      { tag: 'fonds_identifier', title: '全宗号', required: false, maxLength: 20 },
      { tag: 'category_code', title: '门类代码', required: false, maxLength: 20 },
      { tag: 'year', title: '年度', required: true, maxLength: 4, pattern: /^\d{4}$/ },
      { tag: 'retention_period', title: '保管期限', required: true, maxLength: 4, pattern: /^(Y|D30|D10)$/ },
      {
        tag: 'accepted_time',
        title: '受理时间',
        required: false,
        maxLength: 25,
        pattern: /^\d{4}-\d{2}-\d{2}T[\d:]{8}\+08:00$/,
      },
      {
        tag: 'completed_time',
        title: '办结时间',
        required: true,
        maxLength: 25,
        pattern: /^\d{4}-\d{2}-\d{2}T[\d:]{8}\+08:00$/,
      },
      { tag: 'result', title: '办理结果', required: true, maxLength: 100 },
    ],
    folders: [
      { kind: 'application', name: '01-application', title: '申请类材料' },
      { kind: 'materials', name: '02-materials', title: '申请材料' },
      { kind: 'process', name: '03-process', title: '过程材料' },
      { kind: 'result', name: '04-result', title: '结果材料' },
      { kind: 'payment', name: '05-payment', title: '缴费材料' },
    ],
  },
  codes: {
    'authenticity.tag-files': 'GD1-1',
    'authenticity.package-signature': 'GD1-1',
    'authenticity.seal': 'GD1-1',
    'authenticity.metadata-values': 'GD1-3',
    'authenticity.attributes': 'GD1-9',
    'integrity.oxum': 'GD2-2',
    'integrity.metadata-required': 'GD2-4',
    'integrity.process': 'GD2-5',
    'integrity.completeness': 'GD2-7',
    'integrity.file-count': 'GD2-11',
    'usability.metadata': 'GD3-1',
    'usability.format': 'GD3-3',
    'usability.readable': 'GD3-4',
    'security.virus': 'GD4-2',
  },
}
