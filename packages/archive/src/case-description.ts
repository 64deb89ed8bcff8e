/** What has to be known of a case before it is packed: the base metadata (基本信息元数据) and the steps it went through. */
import * as v from 'valibot'
import { archiveError } from './errors.ts'
import { pathProblem } from './package-path.ts'

/** One step of a case (流程信息元数据). */
export interface CaseEvent {
  name: string
  /** ISO time with offset. */
  at: string
  /** Office or role that acted; not a person's number. */
  actor?: string
  note?: string
}

/** A case to be archived. */
export interface CaseDescription {
  /** 电子文件号: also the name of the package's base folder. */
  number: string
  /** 办件编号. */
  caseNumber: string
  /** 题名. */
  title: string
  /** 政务服务事项. */
  item: { code: string; name: string; version?: string }
  /** The office that decided. */
  department: { name: string; uscc: string; regionCode: string }
  applicant: { name: string; uscc?: string }
  /** 全宗号. */
  fonds?: string
  /** 门类代码. */
  category?: string
  /** 年度. */
  year: number
  /** 保管期限: permanent (永久), 30 or 10 years. */
  retention: 'Y' | 'D30' | 'D10'
  /** ISO time with the offset +08:00. */
  acceptedAt?: string
  /** ISO time with the offset +08:00. */
  completedAt: string
  /** 办理结果, such as `准予许可`. */
  result: string
  events: CaseEvent[]
}

const text = (maxLength: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(maxLength))
const time = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$/))
const uscc = v.pipe(v.string(), v.regex(/^[0-9A-Z]{18}$/))

const description: v.GenericSchema<unknown, CaseDescription> = v.strictObject({
  number: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)),
  caseNumber: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,100}$/)),
  title: text(500),
  item: v.strictObject({
    code: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/)),
    name: text(300),
    version: v.exactOptional(text(32)),
  }),
  department: v.strictObject({
    name: text(200),
    uscc,
    regionCode: v.pipe(v.string(), v.regex(/^\d{6}(\d{6})?$/)),
  }),
  applicant: v.strictObject({ name: text(200), uscc: v.exactOptional(uscc) }),
  fonds: v.exactOptional(text(20)),
  category: v.exactOptional(text(20)),
  year: v.pipe(v.number(), v.integer(), v.minValue(1949), v.maxValue(9999)),
  retention: v.picklist(['Y', 'D30', 'D10']),
  acceptedAt: v.exactOptional(time),
  completedAt: time,
  result: text(100),
  events: v.pipe(
    v.array(
      v.strictObject({
        name: text(100),
        at: v.pipe(v.string(), v.isoTimestamp()),
        actor: v.exactOptional(text(200)),
        note: v.exactOptional(text(500)),
      }),
    ),
    v.minLength(1),
    v.maxLength(10_000),
  ),
})

/**
 * Checks a description, such as one read from `case.json`. Throws `ERR_ARCHIVE_DESCRIPTION` that names the fields and leaves
 * out their values, for they may be personal.
 */
export function parseCaseDescription(value: unknown): CaseDescription {
  const result = v.safeParse(description, value)
  if (!result.success) {
    const fields = result.issues.slice(0, 8).map((issue) => v.getDotPath(issue) ?? '(whole)')
    throw archiveError(
      'ERR_ARCHIVE_DESCRIPTION',
      `The description of the case is not complete or not in its form: ${[...new Set(fields)].join(', ')}.`,
      { facts: { fields } },
    )
  }
  if (pathProblem(result.output.number, { strict: true })) {
    throw archiveError(
      'ERR_ARCHIVE_DESCRIPTION',
      'The number (电子文件号) cannot be the name of a folder on every system.',
    )
  }
  return result.output
}
