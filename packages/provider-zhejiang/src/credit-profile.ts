/**
 * Field names of the credit interfaces behind the public-data gateway, as data: both halves read and write by a profile.
 *
 * @unverified The credit interfaces' own field names are not public; only the gateway around them is verified. The sample
 * profile is ours, with the result convention (`flag`, `msg`, `body`) that one public integration of another interface shows.
 * Replace it by what the interface's document says.
 */
import type { CreditAnswer, CreditFeedback, CreditRecord, TakenMeasure } from '@zhicheng/credit'

/** Names and words of one deployment. */
export interface ZhejiangCreditProfile {
  /** Parameters of the query. */
  query: { uscc: string; name: string; key: string }
  /** The inner layer: `ok` is the flag of success, `notFound` that of an unknown subject. */
  result: { flag: string; ok: string; notFound: string; body: string }
  /** Fields of the report. Times are milliseconds since the epoch. */
  report: { queryId: string; uscc: string; level: string; asOf: string; validUntil: string; records: string }
  /** Fields of one record. Days are `2026-11-24`. */
  record: Record<keyof CreditRecord, string>
  natures: Record<CreditRecord['nature'], string>
  severities: Record<NonNullable<CreditRecord['severity']>, string>
  /** Parameters of the feedback, and the field of the receipt. */
  feedback: {
    key: string
    queryId: string
    uscc: string
    measure: string
    caseNumber: string
    at: string
    receipt: string
  }
  measures: Record<TakenMeasure, string>
}

/** @unverified A profile of our own, which the sandbox speaks. */
export const sampleCreditProfile: ZhejiangCreditProfile = {
  query: { uscc: 'tyshxydm', name: 'qymc', key: 'cxlsh' },
  result: { flag: 'flag', ok: '1', notFound: '2', body: 'body' },
  report: { queryId: 'cxbh', uscc: 'tyshxydm', level: 'xydj', asOf: 'sjsj', validUntil: 'yxqz', records: 'xyjl' },
  record: {
    id: 'jlbh',
    nature: 'jllx',
    title: 'jlmc',
    authority: 'rdjg',
    decidedOn: 'rdrq',
    severity: 'sxcd',
    publishedUntil: 'gsjzq',
    repairedOn: 'xfrq',
  },
  natures: { adverse: '失信', favourable: '守信' },
  severities: { minor: '轻微', general: '一般', serious: '严重' },
  feedback: {
    key: 'fklsh',
    queryId: 'cxbh',
    uscc: 'tyshxydm',
    measure: 'yycs',
    caseNumber: 'bjbh',
    at: 'czsj',
    receipt: 'hzbh',
  },
  measures: {
    priority: '优先办理',
    refuse: '不予办理',
    strict: '从严办理',
    'key-supervision': '重点监管',
    normal: '正常办理',
  },
}

/** Reads the payload of a query; `undefined` if the inner layer is not as agreed or says that the query failed. */
export function parseCreditPayload(datas: unknown, profile: ZhejiangCreditProfile): CreditAnswer | undefined {
  const { result, report } = profile
  const outer = fieldsOf(datas)
  const flag = outer?.[result.flag]
  if (flag === result.notFound) return { found: false }
  const body = outer?.[result.body]
  if (flag !== result.ok || !Array.isArray(body) || body.length !== 1) return undefined
  const fields = fieldsOf(body[0])
  if (!fields) return undefined
  const records = fields[report.records]
  const asOf = timeOf(fields[report.asOf])
  const validUntil = timeOf(fields[report.validUntil])
  return {
    found: true,
    ...textField('queryId', fields[report.queryId]),
    ...textField('subjectCode', fields[report.uscc]),
    ...textField('level', fields[report.level]),
    ...(asOf ? { asOf } : {}),
    ...(validUntil ? { validUntil } : {}),
    // What does not read as a record stays in the list as it is, so that the capability finds it incomplete.
    ...(Array.isArray(records) ? { records: records.map((one) => parseRecord(one, profile)) } : {}),
  }
}

/** Writes the payload of a query. */
export function formatCreditPayload(answer: CreditAnswer, profile: ZhejiangCreditProfile): Record<string, unknown> {
  const { result, report } = profile
  if (!answer.found) return { [result.flag]: result.notFound, msg: '未查询到该主体', [result.body]: [] }
  const { queryId, subjectCode, level, asOf, validUntil, records } = answer
  const fields = {
    [report.queryId]: queryId,
    [report.uscc]: subjectCode,
    [report.level]: level,
    [report.asOf]: asOf?.getTime(),
    [report.validUntil]: validUntil?.getTime(),
    [report.records]: records?.map((record) => formatRecord(record, profile)),
  }
  return { [result.flag]: result.ok, msg: '成功', [result.body]: [fields] }
}

/** Writes the parameters of a feedback about an organisation. */
export function formatFeedbackParameters(
  { key, queryId, measure, caseNumber, at }: CreditFeedback,
  uscc: string,
  { feedback, measures }: ZhejiangCreditProfile,
): Record<string, string> {
  return {
    [feedback.key]: key,
    ...(queryId === undefined ? {} : { [feedback.queryId]: queryId }),
    [feedback.uscc]: uscc,
    [feedback.measure]: measures[measure],
    [feedback.caseNumber]: caseNumber,
    [feedback.at]: at,
  }
}

/** A feedback as the platform reads it. */
export interface ReceivedFeedback {
  key: string
  queryId?: string
  uscc: string
  measure: TakenMeasure
  caseNumber: string
  at: string
}

/** Reads the parameters of a feedback; `undefined` if something is missing. */
export function parseFeedbackParameters(
  parameters: Readonly<Record<string, string>>,
  { feedback, measures }: ZhejiangCreditProfile,
): ReceivedFeedback | undefined {
  const measure = keyOf(measures, parameters[feedback.measure])
  const [key, uscc, caseNumber, at] = [feedback.key, feedback.uscc, feedback.caseNumber, feedback.at].map(
    (name) => parameters[name],
  )
  if (!key || !uscc || !caseNumber || !at || !measure) return undefined
  return { key, uscc, caseNumber, at, measure, ...textField('queryId', parameters[feedback.queryId]) }
}

/** Reads the payload of a feedback: the receipt, or `undefined`. */
export function parseFeedbackPayload(datas: unknown, { result, feedback }: ZhejiangCreditProfile): string | undefined {
  const outer = fieldsOf(datas)
  const body = outer?.[result.body]
  const receipt = Array.isArray(body) ? fieldsOf(body[0])?.[feedback.receipt] : undefined
  return outer?.[result.flag] === result.ok && typeof receipt === 'string' && receipt !== '' ? receipt : undefined
}

/** Writes the payload of a feedback. */
export function formatFeedbackPayload(
  receipt: string,
  { result, feedback }: ZhejiangCreditProfile,
): Record<string, unknown> {
  return { [result.flag]: result.ok, msg: '成功', [result.body]: [{ [feedback.receipt]: receipt }] }
}

function parseRecord(value: unknown, { record, natures, severities }: ZhejiangCreditProfile): CreditRecord {
  const given = fieldsOf(value) ?? {}
  const severityWord = given[record.severity]
  const read: Partial<Record<keyof CreditRecord, unknown>> = {
    id: given[record.id],
    nature: keyOf(natures, given[record.nature]),
    title: given[record.title],
    authority: given[record.authority],
    decidedOn: given[record.decidedOn],
    // A word that the profile does not know stays as it is and is found to be none of the classes.
    severity: keyOf(severities, severityWord) ?? severityWord,
    publishedUntil: given[record.publishedUntil],
    repairedOn: given[record.repairedOn],
  }
  const present = Object.entries(read).filter(([, field]) => field !== undefined && field !== null && field !== '')
  // The capability checks every record against its schema before it uses one.
  return Object.fromEntries(present) as unknown as CreditRecord
}

function formatRecord(
  from: CreditRecord,
  { record, natures, severities }: ZhejiangCreditProfile,
): Record<string, unknown> {
  return {
    [record.id]: from.id,
    [record.nature]: natures[from.nature],
    [record.title]: from.title,
    [record.authority]: from.authority,
    [record.decidedOn]: from.decidedOn,
    [record.severity]: from.severity === undefined ? undefined : severities[from.severity],
    [record.publishedUntil]: from.publishedUntil,
    [record.repairedOn]: from.repairedOn,
  }
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

function textField<Name extends string>(name: Name, value: unknown): { [Key in Name]?: string } {
  const given = typeof value === 'string' && value !== ''
  return (given ? { [name]: value } : {}) as { [Key in Name]?: string }
}

function keyOf<Key extends string>(words: Record<Key, string>, word: unknown): Key | undefined {
  return (Object.keys(words) as Key[]).find((key) => words[key] === word)
}

/** A time in milliseconds, as a number or as digits. */
function timeOf(value: unknown): Date | undefined {
  const digits = typeof value === 'number' ? String(value) : value
  return typeof digits === 'string' && /^\d{12,13}$/.test(digits) ? new Date(Number(digits)) : undefined
}
