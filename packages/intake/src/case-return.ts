/**
 * Case return to the province (办件归集, 统一受理平台 and 办件库): the nine steps with their parameters, as messages that are
 * built and checked here.
 *
 * @unverified Steps, parameter names and enumerations are those of public integrations; the official document was not read.
 * Names are as the platform spells them, mixed cases and `Hander` included.
 */
import { parseXml } from '@zhicheng/formats'
import { isProjectNumber } from './case-number.ts'
import { intakeError } from './errors.ts'

/** Numbers of the steps. */
export type CaseReturnStep = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** One call to the province. */
export interface CaseReturnMessage {
  step: CaseReturnStep
  /** Parameters by the platform's names. */
  parameters: Readonly<Record<string, string>>
}

/** What a step is. */
export interface CaseReturnStepShape {
  name: string
  target: '赋码' | '统一受理平台' | '办件库'
  required: readonly string[]
  optional: readonly string[]
  values: Readonly<Record<string, readonly string[]>>
}

const handler = [
  'BELONGSYSTEM',
  'Hander_Deptid',
  'Hander_Deptname',
  'OutSystemID',
  'AREACODE',
  'SERVICE_DEPTID',
  'XK_LYDW',
  'XK_LYDWDM',
]
const versioned = ['CREATE_TIME', 'DATAVERSION']

const receive = {
  name: '收件',
  required: ['PROJID', 'baseInfoXml', 'attrXml', 'formXml', 'BELONGSYSTEM'],
  optional: [],
  values: {},
}
const accept = {
  name: '受理',
  required: ['PROJID', 'SERVICECODE', 'ACCEPT_MAN', 'AcceptTime', 'PROMISEVALUE', 'DOACTION', ...handler],
  optional: versioned,
  values: { DOACTION: ['0', '1'] },
}
const finish = {
  name: '办结',
  required: [
    'PROJID',
    'SERVICECODE',
    'TRANSACT_USER',
    'TRANSACT_TIME',
    'TRANSACT_RESULT',
    'TRANSACT_DESCRIBE',
    'RESULT_CODE',
    'DOACTION',
    ...handler,
    'XK_XKJGDM',
    'XK_YXQZ',
    'XK_YXQZI',
  ],
  optional: [...versioned, 'REMARK', 'XK_XKWS', 'XK_XKZS'],
  values: { DOACTION: ['0', '1', '3'], TRANSACT_RESULT: ['办结', '转报办结', '作废办结', '退件'] },
}

/** The steps by number. */
export const caseReturnSteps: Readonly<Record<CaseReturnStep, CaseReturnStepShape>> = {
  0: { name: '统一赋码取号', target: '赋码', required: ['param'], optional: [], values: {} },
  1: { ...receive, target: '统一受理平台' },
  2: { ...receive, target: '办件库' },
  3: { ...accept, target: '统一受理平台' },
  4: { ...accept, target: '办件库' },
  5: {
    name: '办理',
    target: '办件库',
    required: [
      'PROJID',
      'SERVICECODE',
      'DOUSERNAME',
      'START_TIME',
      'END_TIME',
      'DOACTION',
      ...handler,
      'Node_Name',
      'OPINION',
    ],
    optional: [...versioned, 'REMARK'],
    values: { DOACTION: ['0', '1'] },
  },
  6: { ...finish, target: '统一受理平台' },
  7: { ...finish, target: '办件库' },
  8: {
    name: '文档附件',
    target: '办件库',
    required: [
      'PROJID',
      'BELONGTO',
      'TYPE',
      'NAME',
      'FILEPATH',
      'BELONGSYSTEM',
      'AREACODE',
      'SERVICECODE',
      'SERVICE_DEPTID',
      'OutSystemID',
      'XK_LYDW',
      'XK_LYDWDM',
    ],
    optional: [...versioned, 'REMARK'],
    values: { TYPE: ['01', '02', '03', '04', '05'] },
  },
}

const times = ['AcceptTime', 'START_TIME', 'END_TIME', 'TRANSACT_TIME', 'CREATE_TIME']
const days = ['XK_YXQZ', 'XK_YXQZI']
const documents: Readonly<Record<string, string>> = { baseInfoXml: 'RECORD', attrXml: 'RECORDS', formXml: 'RECORDS' }
const longestParameter = 1_000_000

/**
 * Checks a message against the contract of its step, for senders and receivers alike. Throws `ERR_INTAKE_RETURN_MALFORMED`
 * with the parameter, never with its value.
 */
export function checkCaseReturn({ step, parameters }: CaseReturnMessage): void {
  const { required, optional, values } = caseReturnSteps[step]
  for (const name of required) if (!parameters[name]) throw malformed(step, name, 'is missing')
  for (const [name, value] of Object.entries(parameters)) {
    if (!required.includes(name) && !optional.includes(name)) throw malformed(step, name, 'does not belong to the step')
    if (value.length > longestParameter) throw malformed(step, name, 'is too long')
    const allowed = values[name]
    if (allowed && !allowed.includes(value)) throw malformed(step, name, 'has a value that is not listed')
    if (name === 'PROJID' && !isProjectNumber(value)) throw malformed(step, name, 'is no project number')
    if (name === 'DATAVERSION' && !/^[1-9]\d{0,3}$/.test(value)) throw malformed(step, name, 'is no version')
    if (times.includes(name) && !/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(value))
      throw malformed(step, name, 'is no time')
    if (days.includes(name) && !/^\d{4}\/\d{2}\/\d{2}$/.test(value)) throw malformed(step, name, 'is no day')
    if (documents[name] && rootOf(value) !== documents[name]) throw malformed(step, name, 'is not the XML it should be')
  }
}

/** Version of the data within its step, on which repeated messages are recognised; 1 where the step has none. */
export function dataVersionOf({ parameters }: CaseReturnMessage): number {
  return Number(parameters['DATAVERSION'] ?? '1')
}

function rootOf(text: string): string | undefined {
  try {
    return parseXml(text, { maxBytes: longestParameter, maxDepth: 20 }).name
  } catch {
    return undefined
  }
}

function malformed(step: CaseReturnStep, name: string, what: string): Error {
  // A foreign parameter's name is a stranger's word.
  const shown = /^[A-Za-z_]{1,32}$/.test(name) ? name : 'a parameter'
  return intakeError('ERR_INTAKE_RETURN_MALFORMED', `Step ${step} of the case return: ${shown} ${what}.`, {
    facts: { step, parameter: shown },
  })
}
