/**
 * Licence records for publication (行政许可双公示): the `XK_*` fields of the 2018 generation (发改办财金〔2018〕424号).
 *
 * @unverified Field names are those of three public integrations; the annex of the document was not read. So are the words
 * of `XK_XDR_LB`, and what the digits of `XK_ZT` mean.
 */

import type { WorkingDayCalendar } from '@zhicheng/core/calendar'
import { isResidentId, isUscc } from '@zhicheng/core/codes'
import { creditError } from './errors.ts'
import { isDay } from './lib/days.ts'
import type { CreditEnvironment } from './provider.ts'

/** A record as it is published. Days are `2026/11/24`. It has no field for an ID number: those are never published. */
export interface LicencePublication {
  /** Name of the holder (行政相对人名称). */
  XK_XDR_MC: string
  /** Kind of the holder (行政相对人类别). */
  XK_XDR_LB: string
  /** Unified social credit code of the holder. */
  XK_XDR_SHXYM: string
  /** Legal representative (法定代表人). */
  XK_FRDB?: string
  /** Name of the decision document (行政许可决定文书名称). */
  XK_XKWS: string
  /** Number of the decision document (行政许可决定文书号). */
  XK_WSH: string
  /** Kind of licence (许可类别). */
  XK_XKLB: string
  /** Name of the certificate (许可证书名称). */
  XK_XKZS?: string
  /** Number of the licence (许可编号). */
  XK_XKBH?: string
  /** What is licensed (许可内容). */
  XK_NR: string
  /** Day of the decision (许可决定日期). */
  XK_JDRQ: string
  /** Valid from, valid until (有效期自, 有效期至); `2099/12/31` is without end. */
  XK_YXQZ: string
  XK_YXQZI: string
  /** Authority (许可机关) and its unified social credit code. */
  XK_XKJG: string
  XK_XKJGDM: string
  /** Current state (当前状态). */
  XK_ZT?: string
  /** Where the data come from (数据来源单位) and its unified social credit code. */
  XK_LYDW: string
  XK_LYDWDM: string
  /** Remarks (备注). */
  BZ?: string
}

/** What a record is made of. Days are `2026-11-24`. */
export interface LicencePublicationInput {
  holder: { name: string; uscc: string; legalRepresentative?: string }
  document: { name: string; number: string }
  /** Kind of licence, such as 普通. */
  category: string
  certificate?: { name: string; number: string }
  content: string
  decidedOn: string
  validFrom: string
  validUntil: string | 'indefinite'
  authority: { name: string; uscc: string }
  /** Who supplies the data; the authority unless told. */
  source?: { name: string; uscc: string }
  state?: '0' | '1' | '2' | '3'
  remarks?: string
}

/** Takes publication records. `key` is the same at every try, so that a record is taken once. */
export interface PublicationSink {
  publish(
    input: { readonly key: string; readonly record: LicencePublication },
    environment: CreditEnvironment,
  ): Promise<{ receipt: string }>
}

/** Longest texts; those of the penalty table, where its columns tell. */
const longest: Partial<Record<keyof LicencePublication, number>> = {
  XK_XDR_MC: 200,
  XK_WSH: 128,
  XK_NR: 4000,
  BZ: 4000,
}

/**
 * Makes the record of a licence. Throws `ERR_CREDIT_PUBLICATION_INVALID` with the field, among others when any text holds
 * a resident ID number.
 *
 * @example
 * ```ts
 * const record = createLicencePublication({
 *   holder: { name: '样例餐饮有限公司', uscc: '91330110MA2AXY0E7F' },
 *   document: { name: '食品经营许可决定书', number: '样市监许〔2026〕1号' }, category: '普通', content: '热食类食品制售',
 *   decidedOn: '2026-11-24', validFrom: '2026-11-24', validUntil: '2031-11-23',
 *   authority: { name: '样例市市场监督管理局', uscc: '91330110MA2AXY0E7F' },
 * })
 * ```
 */
export function createLicencePublication(input: LicencePublicationInput): LicencePublication {
  const { holder, document, category, certificate, content, authority, source = authority, state, remarks } = input
  for (const [field, { uscc }] of [
    ['holder', holder],
    ['authority', authority],
    ['source', source],
  ] as const) {
    if (!isUscc(uscc)) throw invalid(`${field}.uscc`, 'is no valid unified social credit code')
  }
  const validUntil = input.validUntil === 'indefinite' ? '2099-12-31' : input.validUntil
  if (isDay(input.validFrom) && isDay(validUntil) && validUntil < input.validFrom) {
    throw invalid('validUntil', 'lies before validFrom')
  }
  const record: LicencePublication = {
    XK_XDR_MC: holder.name,
    XK_XDR_LB: holder.uscc.startsWith('92') ? '个体工商户' : '法人及非法人组织',
    XK_XDR_SHXYM: holder.uscc,
    ...(holder.legalRepresentative === undefined ? {} : { XK_FRDB: holder.legalRepresentative }),
    XK_XKWS: document.name,
    XK_WSH: document.number,
    XK_XKLB: category,
    ...(certificate ? { XK_XKZS: certificate.name, XK_XKBH: certificate.number } : {}),
    XK_NR: content,
    XK_JDRQ: formatPublicationDay('decidedOn', input.decidedOn),
    XK_YXQZ: formatPublicationDay('validFrom', input.validFrom),
    XK_YXQZI: formatPublicationDay('validUntil', validUntil),
    XK_XKJG: authority.name,
    XK_XKJGDM: authority.uscc,
    ...(state === undefined ? {} : { XK_ZT: state }),
    XK_LYDW: source.name,
    XK_LYDWDM: source.uscc,
    ...(remarks === undefined ? {} : { BZ: remarks }),
  }
  return checkLicencePublication(record)
}

/** Checks a record that came from elsewhere. Throws `ERR_CREDIT_PUBLICATION_INVALID` with the field. */
export function checkLicencePublication(record: LicencePublication): LicencePublication {
  for (const [field, text] of Object.entries(record) as [keyof LicencePublication, unknown][]) {
    const most = longest[field] ?? 200
    if (typeof text !== 'string' || text.trim() === '' || text.length > most || /\p{Surrogate}/u.test(text)) {
      throw invalid(field, `wants 1 to ${most} characters`)
    }
    if (/^XK_(JDRQ|YXQZI?)$/.test(field) && !(/^\d{4}\/\d{2}\/\d{2}$/.test(text) && isDay(text.replaceAll('/', '-')))) {
      throw invalid(field, 'wants a day such as 2026/11/24')
    }
    if (/^XK_(XDR_SHXYM|XKJGDM|LYDWDM)$/.test(field)) {
      if (!isUscc(text)) throw invalid(field, 'is no valid unified social credit code')
    } else if (holdsResidentId(text)) {
      throw invalid(field, 'holds a resident ID number, which is never published')
    }
  }
  if (record.XK_YXQZI < record.XK_YXQZ) throw invalid('XK_YXQZI', 'lies before XK_YXQZ')
  return record
}

/**
 * The last day on which the record must be online: within 7 working days of the decision. `known` is false when a day on
 * the way is not ruled by a holiday notice yet.
 */
export function publicationDueDay(decidedOn: string, calendar: WorkingDayCalendar): { day: string; known: boolean } {
  return calendar.addWorkingDays(decidedOn, 7)
}

function holdsResidentId(text: string): boolean {
  const candidates = text.toUpperCase().match(/(?<![0-9A-Z])[1-9][0-9]{16}[0-9X](?![0-9A-Z])/g) ?? []
  return candidates.some(isResidentId)
}

function formatPublicationDay(field: string, day: string): string {
  if (!isDay(day)) throw invalid(field, 'wants a day such as 2026-11-24')
  return day.replaceAll('-', '/')
}

function invalid(field: string, what: string): Error {
  return creditError('ERR_CREDIT_PUBLICATION_INVALID', `The publication record cannot be made: ${field} ${what}.`, {
    facts: { field },
  })
}
