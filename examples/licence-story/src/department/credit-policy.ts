/** The credit policy of this matter as a decision table: what a finding means for a food-business licence. */
import { type Policy, parsePolicy } from '@zhicheng/sdk'

/** First rule that holds decides; what is not known is never taken for good. */
export function foodLicencePolicy(): Policy {
  return parsePolicy({
    id: 'food-business-licence',
    version: '2026-1',
    inputs: ['status', 'seriousCount', 'generalCount', 'level'],
    rules: [
      { id: 'serious-dishonesty', when: { seriousCount: { gte: 1 } }, measure: 'refuse' },
      { id: 'general-dishonesty', when: { generalCount: { gte: 1 } }, measure: 'strict' },
      { id: 'excellent', when: { status: 'clear', level: '优秀' }, measure: 'priority' },
    ],
    otherwise: 'normal',
  })
}

/** The rules in words, and the two that every decision may name. */
export const ruleTitles: Readonly<Record<string, string>> = {
  'serious-dishonesty': '有严重失信记录',
  'general-dishonesty': '有一般失信记录',
  excellent: '没有失信记录，公共信用评价为优秀',
  otherwise: '没有需要特别处理的情形',
  'status-unknown': '信用状况未能查明',
}
