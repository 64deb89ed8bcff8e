/** Why a credit record is asked for (用途限定): without a purpose a query does not compile and does not leave the process. */
import { Secret } from '@zhicheng/core'
import { isResidentId } from '@zhicheng/core/codes'
import * as v from 'valibot'
import { creditError } from './errors.ts'

/**
 * The matter a query is for. Zhejiang's public-data gateway demands main item, sub-item and asker with each call made
 * while a power or public-service matter is handled.
 */
export interface Purpose {
  /** Code of the main item (主项编码). */
  powerMatter: string
  /** Code of the sub-item (子项编码). */
  subPowerMatter: string
  /** User name of the official or system that asks. An ID number is refused. */
  accessedBy: string
  /** The case the query belongs to, once it has a number (办件编号). */
  caseNumber?: string
  /** The paper that the query replaces (替代的材料). */
  replacedMaterial?: string
  /** Code of the statutory basis in the department's list; for natural persons. */
  basis?: string
  /** Token of the person's own consent; for natural persons. Handed to the provider, never kept. */
  consent?: Secret
}

const code = v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/))
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100), v.regex(/^[^\0-\x1f\x7f]*$/))

const purposeSchema: v.GenericSchema<unknown, Purpose> = v.strictObject({
  powerMatter: code,
  subPowerMatter: code,
  accessedBy: v.pipe(
    text,
    v.check((name) => !isResidentId(name.toUpperCase())),
  ),
  caseNumber: v.exactOptional(code),
  replacedMaterial: v.exactOptional(text),
  basis: v.exactOptional(code),
  consent: v.exactOptional(v.custom<Secret>(isToken)),
})

/**
 * Checks a purpose at run time, for callers without types. Throws `ERR_CREDIT_PURPOSE_INVALID` with the names of the fields
 * in its facts; nothing has been sent then.
 *
 * @example
 * ```ts
 * checkPurpose({ powerMatter: 'JY-00001', subPowerMatter: 'JY-00001-01', accessedBy: 'window-3' })
 * ```
 */
export function checkPurpose(value: unknown): Purpose {
  const result = v.safeParse(purposeSchema, value)
  if (result.success) return result.output
  const fields = [...new Set(result.issues.map((issue) => v.getDotPath(issue)?.slice(0, 64) ?? '(whole)'))].slice(0, 16)
  throw creditError(
    'ERR_CREDIT_PURPOSE_INVALID',
    `The purpose of a credit query lacks or misstates: ${fields.join(', ')}. Nothing was asked.`,
    { outcome: 'not_sent', facts: { fields } },
  )
}

function isToken(value: unknown): boolean {
  const token: unknown = value instanceof Secret ? value.reveal() : undefined
  return typeof token === 'string' && token.trim() !== '' && token.length <= 4096
}
