/** What PDF and OFD share: the report of a verification, how seals look, codes and their texts. */
export * from './appearance.ts'
export type { SealErrorCode, SealFindingCode } from './errors.ts'
export * from './messages.zh-CN.ts'
export * from './report.ts'
