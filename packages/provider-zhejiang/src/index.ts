/** Zhejiang's platforms behind the capabilities' provider interfaces. */
export * from './irs-hmac.ts'
export * from './zhejiang.ts'
export * from './zheliban-messages.ts'
export * from './zheliban-subject.ts'
