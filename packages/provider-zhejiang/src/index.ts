/** Zhejiang's platforms behind the capabilities' provider interfaces. */
export * from './credit.ts'
export * from './credit-profile.ts'
export * from './irs-hmac.ts'
export * from './public-data-gateway.ts'
export * from './public-data-gateway-messages.ts'
export * from './zhejiang.ts'
export * from './zheliban-messages.ts'
export * from './zheliban-subject.ts'
