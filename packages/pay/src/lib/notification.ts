/** Receives a channel's notification: verify, commit, and only then say that it was received. */
import { isZhichengError, type Logger, readBody } from '@zhicheng/core'
import type { PayPoint } from '../pay-point.ts'
import type { PaymentProviderV1, VerifiedNotification } from '../provider.ts'
import { applyTransaction } from './apply-transaction.ts'
import type { Engine } from './settlement.ts'

const maxBytes = 65_536

/** What receiving needs besides the engine. */
export interface NotificationContext {
  engine: Engine
  provider: PaymentProviderV1
  logger: Logger
  probe(point: PayPoint): void
}

/** Answers the notification; never throws, and never answers success before the commit. */
export async function receiveNotification(
  request: Request,
  { engine, provider, logger, probe }: NotificationContext,
): Promise<Response> {
  const { channel } = provider
  const refuse = (status: number, error: unknown): Response => {
    const code = isZhichengError(error) ? error.code : 'ERR_UNCODED'
    logger({ level: status >= 500 ? 'error' : 'warning', event: 'pay.notification-refused', facts: { channel, code } })
    return provider.formatNotificationAnswer({ accepted: false, status, code })
  }

  let notification: VerifiedNotification
  try {
    const body = await readBody(request, maxBytes)
    notification = await provider.parseNotification({ headers: request.headers, body })
  } catch (error) {
    if (!isZhichengError(error)) return refuse(500, error)
    return refuse(error.code === 'ERR_BODY_TOO_LARGE' ? 413 : 401, error)
  }
  try {
    await engine.store.transaction((tx) => {
      applyTransaction(tx, notification.transaction, { channel, source: 'notification', now: engine.clock.now() })
      probe('notification.before-commit')
    })
  } catch (error) {
    return refuse(isZhichengError(error) && error.code === 'ERR_PAY_ATTEMPT_UNKNOWN' ? 404 : 500, error)
  }
  probe('notification.after-commit')
  const answer = provider.formatNotificationAnswer({ accepted: true })
  logger({ level: 'info', event: 'pay.notification-accepted', facts: { channel, notificationId: notification.id } })
  probe('notification.before-answer')
  return answer
}
