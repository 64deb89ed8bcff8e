/** Durable state: what a store offers, and the runner that works off its outbox. Drivers are in `./sqlite` and `./memory`. */
export type { StoreErrorCode } from './errors.ts'
export * from './messages.zh-CN.ts'
export * from './outbox-runner.ts'
export * from './store.ts'
