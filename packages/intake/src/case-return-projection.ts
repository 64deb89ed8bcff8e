/** From a case's log to the messages the province gets: which events are reported, in which steps, with which words. */
import { formatDay, formatTime } from '@zhicheng/core'
import type { JsonValue } from '@zhicheng/formats'
import { type Case, projectCase } from './case.ts'
import type { CaseEvent, CaseEventType, Material } from './case-events.ts'
import type { CaseReturnMessage, CaseReturnStep } from './case-return.ts'
import { formatAttrXml, formatBaseInfoXml, formatFormXml, type ReturnXmlInput } from './lib/return-xml.ts'
import type { ServiceItem } from './service-item.ts'

/** Who reports: the names under which the province knows the department's system. */
export interface CaseReturnIdentity {
  /** `BELONGSYSTEM` */
  belongSystem: string
  /** `AREACODE`; the division of the item's department unless told. */
  areaCode?: string
  /** Where the province fetches a material or document from. */
  fileUrl: (file: { caseId: string; id: string }) => string
}

/** What the projection needs. */
export interface CaseReturnInput {
  item: ServiceItem
  identity: CaseReturnIdentity
  /** The form of a digest. */
  form: (digest: string) => JsonValue
}

const reported: Partial<Record<CaseEventType, readonly CaseReturnStep[]>> = {
  received: [1, 2],
  accepted: [3, 4],
  notAccepted: [3, 4],
  granted: [5],
  denied: [5],
  certificateMade: [8],
  closed: [6, 7],
}

/** `2099/12/31` stands for no end. */
const noEnd = '2099/12/31'

/** True for an event that the province is told of. */
export function isReturned(type: CaseEventType): boolean {
  return reported[type] !== undefined
}

/**
 * The request for a project number. The case number is in it, so that a platform which remembers can answer a repetition
 * with the number it gave. @unverified The names inside `param` are not known.
 */
export function buildNumberRequest(state: Case, { item, identity }: CaseReturnInput): CaseReturnMessage {
  const param = {
    SERVICECODE: item.code,
    AREACODE: identity.areaCode ?? item.department.division,
    BELONGSYSTEM: identity.belongSystem,
    OutSystemID: state.caseNumber ?? '',
  }
  return { step: 0, parameters: { param: JSON.stringify(param) } }
}

/**
 * The messages of a log in the order in which they are to be sent. A longer log has the same messages and then more, so a
 * count says how far the sending got. DATAVERSION numbers the messages of one step.
 *
 * @unverified RESULT_CODE, and that a case that was not accepted ends as 退件, are our reading.
 */
export function projectCaseReturns(
  events: readonly CaseEvent[],
  { projectNumber, ...input }: CaseReturnInput & { projectNumber: string },
): CaseReturnMessage[] {
  const messages: CaseReturnMessage[] = []
  for (const [index, event] of events.entries()) {
    if (!isReturned(event.type)) continue
    const state = projectCase(events.slice(0, index + 1))
    const context = describe(event, { state, projectNumber, input })
    for (const step of reported[event.type]!) {
      for (const parameters of parametersOf(event, context)) {
        const version = messages.filter((message) => message.step === step).length + 1
        messages.push({ step, parameters: versioned(parameters, { step, version, time: context.time }) })
      }
    }
  }
  return messages
}

interface Context {
  state: Case
  projectNumber: string
  input: CaseReturnInput
  time: string
  areaCode: string
  officer: string
  /** Parameters of every step from acceptance on. */
  common: Readonly<Record<string, string>>
}

function describe(
  event: CaseEvent,
  { state, projectNumber, input }: Pick<Context, 'state' | 'projectNumber' | 'input'>,
): Context {
  const { item, identity } = input
  const { department } = item
  const areaCode = identity.areaCode ?? department.division
  return {
    state,
    projectNumber,
    input,
    time: formatReturnTime(event.at),
    areaCode,
    officer: event.actor.name ?? department.name,
    common: {
      PROJID: projectNumber,
      SERVICECODE: item.code,
      BELONGSYSTEM: identity.belongSystem,
      OutSystemID: state.caseNumber ?? '',
      AREACODE: areaCode,
      SERVICE_DEPTID: department.uscc,
      XK_LYDW: department.name,
      XK_LYDWDM: department.uscc,
    },
  }
}

function parametersOf(event: CaseEvent, context: Context): Record<string, string>[] {
  const { state, input, time, officer, common } = context
  const { department, promisedWorkingDays } = input.item
  const handled = { ...common, Hander_Deptid: department.uscc, Hander_Deptname: department.name }
  switch (event.type) {
    case 'received':
      return [receiving(context)]
    case 'accepted':
    case 'notAccepted':
      return [
        {
          ...handled,
          ACCEPT_MAN: officer,
          AcceptTime: time,
          PROMISEVALUE: String(event.type === 'accepted' ? event.data.promisedWorkingDays : promisedWorkingDays),
          DOACTION: event.type === 'accepted' ? '0' : '1',
        },
      ]
    case 'granted':
    case 'denied':
      return [
        {
          ...handled,
          DOUSERNAME: officer,
          START_TIME: formatReturnTime(state.times.accepted ?? event.at),
          END_TIME: time,
          DOACTION: '0',
          Node_Name: '审批决定',
          OPINION: event.basis ?? (event.type === 'granted' ? '准予许可' : '不予许可'),
        },
      ]
    case 'certificateMade':
      return event.data.documents.map(({ id, name }) => ({
        ...common,
        BELONGTO: '办结',
        TYPE: '04',
        NAME: name,
        FILEPATH: input.identity.fileUrl({ caseId: state.id, id }),
      }))
    case 'closed':
      return [{ ...handled, ...finishing(event, context) }]
    default:
      return []
  }
}

function receiving({ state, input, projectNumber, time, areaCode }: Context): Record<string, string> {
  const { item, identity, form } = input
  const { belongSystem, fileUrl } = identity
  const base: ReturnXmlInput = { projectNumber, item, belongSystem, areaCode, time }
  const urlOf = ({ id }: Material): string => fileUrl({ caseId: state.id, id })
  return {
    PROJID: projectNumber,
    BELONGSYSTEM: belongSystem,
    baseInfoXml: formatBaseInfoXml(base, {
      caseNumber: state.caseNumber ?? '',
      applicantName: state.applicant.name,
    }),
    attrXml: formatAttrXml(base, { materials: state.materials, urlOf }),
    formXml: formatFormXml(item, form(state.formDigest)),
  }
}

function finishing(
  { data: { outcome } }: CaseEvent<'closed'>,
  { state, input, time, officer }: Context,
): Record<string, string> {
  const { licence } = state
  const decided = state.times.granted ?? state.times.denied ?? state.times.closed
  const words = { granted: '准予许可', denied: '不予许可', 'not-accepted': '不予受理' }
  return {
    TRANSACT_USER: officer,
    TRANSACT_TIME: time,
    TRANSACT_RESULT: outcome === 'not-accepted' ? '退件' : '办结',
    TRANSACT_DESCRIBE: words[outcome],
    RESULT_CODE: { granted: '1', denied: '2', 'not-accepted': '3' }[outcome],
    DOACTION: outcome === 'not-accepted' ? '3' : '0',
    XK_XKJGDM: input.item.department.uscc,
    ...(licence?.documentNumber ? { XK_XKWS: licence.documentNumber } : {}),
    ...(licence?.certificateNumber ? { XK_XKZS: licence.certificateNumber } : {}),
    XK_YXQZ: (licence?.validFrom ?? formatDay(new Date(decided!))).replaceAll('-', '/'),
    XK_YXQZI: licence?.validUntil?.replaceAll('-', '/') ?? noEnd,
  }
}

/** The receiving steps carry their version inside of the XML only. */
function versioned(
  parameters: Record<string, string>,
  { step, version, time }: { step: CaseReturnStep; version: number; time: string },
): Record<string, string> {
  return step <= 2 ? parameters : { ...parameters, CREATE_TIME: time, DATAVERSION: String(version) }
}

/** `2026-11-24 09:00:00`, China's time. @unverified The platform's form of times is not documented. */
function formatReturnTime(at: string): string {
  return formatTime(new Date(at)).slice(0, 19).replace('T', ' ')
}
