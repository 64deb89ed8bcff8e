/** Sends payment notifications until the merchant says 200 or 204, as the platform does, and misbehaves when asked to. */
import type { Clock, Logger } from '@zhicheng/core'
import {
  type ApiKey,
  buildNotification,
  type PlatformSigner,
  signMessage,
  type WechatTransaction,
} from '@zhicheng/provider-wechat'

/** What can go wrong with a notification. */
export const notificationFaults = {
  'notify-drop': 'The notification is never sent; only a query finds the payment.',
  'notify-twice': 'The notification is sent twice at the same time.',
  'notify-late': 'The notification comes long after the payment.',
  'notify-bad-signature': 'The signature of the notification is over other bytes.',
  'notify-old-timestamp': 'The notification is rightly signed, but ten minutes old.',
  'notify-wrong-amount': 'The notification names one fen more than was paid.',
} as const

/** Name of such a fault. */
export type NotificationFault = keyof typeof notificationFaults

/** The platform's own pauses between its tries (15 s, 15 s, 30 s, 3 min, 10 min, 20 min, 30 min …), sixty times faster. */
export const defaultRetryDelays: readonly number[] = [250, 250, 500, 3000, 10_000, 20_000, 30_000, 30_000, 30_000]

/** What a notifier needs. */
export interface NotifierOptions {
  fetch: typeof globalThis.fetch
  apiKey: ApiKey
  signer: PlatformSigner
  logger: Logger
  retryDelays: readonly number[]
  lateMilliseconds: number
}

/** Sends notifications. */
export interface Notifier {
  /** Starts sending, without waiting for it. */
  notify(
    order: { id: string; url: string; transaction: WechatTransaction },
    faults: ReadonlySet<NotificationFault>,
  ): void
  /** Stops all sending and waits for what is under way. */
  close(): Promise<void>
}

/** Makes a notifier. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { fetch, apiKey, logger, retryDelays, lateMilliseconds } = options
  const ending = new AbortController()
  const running = new Set<Promise<void>>()

  const build = async (id: string, transaction: WechatTransaction, faults: ReadonlySet<NotificationFault>) => {
    const total = (transaction.amount?.total ?? 0) + (faults.has('notify-wrong-amount') ? 1 : 0)
    const clock: Clock = faults.has('notify-old-timestamp')
      ? shifted(options.signer.clock, -600_000)
      : options.signer.clock
    const signer = { ...options.signer, clock }
    const message = { ...transaction, amount: { ...transaction.amount, total } }
    const { headers, body } = await buildNotification({ id, transaction: message, apiKey, signer })
    if (!faults.has('notify-bad-signature')) return { headers, body }
    return { headers: { ...headers, ...(await signMessage(new Uint8Array(1), signer)) }, body }
  }

  const deliver: typeof deliverOnce = async (order, faults) => {
    if (faults.has('notify-late')) await pause(lateMilliseconds, ending.signal)
    await deliverOnce(order, faults)
  }

  const deliverOnce = async (
    { id, url, transaction }: Parameters<Notifier['notify']>[0],
    faults: ReadonlySet<NotificationFault>,
  ): Promise<void> => {
    for (const delay of [...retryDelays, undefined]) {
      if (ending.signal.aborted) return
      // Each try is encrypted and signed anew, under the same identifier.
      const { headers, body } = await build(id, transaction, faults)
      const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(5000)])
      let status = 0
      try {
        const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
        status = response.status
        await response.body?.cancel()
      } catch {
        // Nobody answered: like any other answer than success.
      }
      logger({ level: 'info', event: 'sandbox.wechat.notified', facts: { id, status } })
      if (status === 200 || status === 204) return
      if (delay !== undefined) await pause(delay, ending.signal)
    }
  }

  return {
    notify(order, faults) {
      if (faults.has('notify-drop')) return
      for (let copy = faults.has('notify-twice') ? 2 : 1; copy > 0; copy -= 1) {
        const run: Promise<void> = deliver(order, faults).finally(() => running.delete(run))
        running.add(run)
      }
    },
    async close() {
      ending.abort()
      await Promise.all(running)
    },
  }
}

function shifted(clock: Clock, milliseconds: number): Clock {
  return { now: () => new Date(clock.now().getTime() + milliseconds) }
}

/** Waits, or ends at once when the signal does. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', end, { once: true })
  })
}
