/** One handler a department mounts, on web-standard requests and responses. */
export { createHost, type Host, type HostOptions } from './create-host.ts'
export type { Access, CaseDesk, DocumentDesk, OrderDesk } from './desks.ts'
export type { HostErrorCode } from './errors.ts'
export { hostMessages } from './messages.zh-CN.ts'
