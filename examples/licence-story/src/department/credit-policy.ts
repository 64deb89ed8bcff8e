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
