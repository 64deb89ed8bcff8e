/** What the host asks of the capabilities behind it: small interfaces, so that a department can put its own in. */
import type { Session } from '@zhicheng/identity'
import type { CaseView, RatingLevel } from '@zhicheng/intake/wire'
import type { OrderView, PaymentAction } from '@zhicheng/pay/wire'
import type { VerificationReport } from '@zhicheng/seal/wire'

/**
 * Whether the logged-in subject may see a thing. `absent` and `foreign` are answered alike, so that identifiers cannot
 * be tried out.
 */
export type Access = 'granted' | 'foreign' | 'absent'

/** Payment orders as the cashier sees them. */
export interface OrderDesk {
  access(order: string, session: Session): Promise<Access>
  read(order: string): Promise<OrderView>
  start(order: string, channel: string): Promise<{ order: OrderView; action: PaymentAction }>
  refresh(order: string): Promise<OrderView>
  /** A channel's notification; it is authenticated by the channel's own signature, not by a session. */
  notify(channel: string, request: Request): Promise<Response>
}

/** Cases as the applicant sees them. */
export interface CaseDesk {
  access(caseId: string, session: Session): Promise<Access>
  read(caseId: string): Promise<CaseView>
  rate(caseId: string, rating: { level: RatingLevel; comment?: string }): Promise<CaseView>
}

/** Documents the department keeps, such as licences. */
export interface DocumentDesk {
  access(document: string, session: Session): Promise<Access>
  read(document: string): Promise<{ name: string; mediaType: string; content: Uint8Array }>
  verify(document: string): Promise<VerificationReport>
}
