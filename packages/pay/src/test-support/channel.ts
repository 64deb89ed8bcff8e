/** A channel of few lines with a bank behind it, for tests of the engine alone: its "signature" is the word `genuine`. */
import { fen, fromUtf8, type PlatformRequest, utf8, ZhichengError } from '@zhicheng/core'
import type { ChannelTransaction, PaymentProviderV1 } from '../provider.ts'

/** What the bank knows of an attempt. */
interface BankEntry {
  state: 'pending' | 'paid' | 'closed'
  amount: number
  transactionId?: string
}

/** A bank, its provider, and the fetch between them. */
export interface TestChannel {
  provider: PaymentProviderV1
  fetch: typeof globalThis.fetch
  bank: Map<string, BankEntry>
  /** The operations that reached the bank, in order. */
  calls: string[]
  /** Runs before the bank answers an operation; may throw to lose the answer. */
  onCall: (operation: string) => void | Promise<void>
  pay(attemptId: string, transactionId: string): void
  notify(transaction: object, options?: { signature?: string; id?: string }): Request
}

/** Makes one. */
export function createTestChannel(channel = 'test'): TestChannel {
  const bank = new Map<string, BankEntry>()
  const calls: string[] = []

  const build = (operation: string, body: object, idempotent: boolean): PlatformRequest => ({
    operation: `${channel}.${operation}`,
    method: 'POST',
    url: `https://${channel}.example/${operation}`,
    headers: {},
    body: utf8(JSON.stringify(body)),
    idempotent,
  })
  const refuse = (status: number): never => {
    throw new ZhichengError('ERR_TEST_REFUSED', `refused with ${status}`, {
      outcome: status < 500 ? 'refused' : 'unknown',
    })
  }
  const readTransaction = (body: Uint8Array): ChannelTransaction => {
    const { payment, ...rest } = JSON.parse(fromUtf8(body))
    if (!payment) return rest
    return { ...rest, payment: { ...payment, amount: fen(payment.amount), paidAt: new Date(payment.paidAt) } }
  }

  const provider: PaymentProviderV1 = {
    specification: 'v1',
    channel,
    name: '测试渠道',
    actionLifetime: 7_200_000,
    sign: async (request) => ({ ...request, headers: { ...request.headers, authorization: 'genuine' } }),
    buildPrepay: ({ attemptId, amount }) => build('prepay', { attemptId, amount: Number(amount) }, false),
    async parsePrepay(response) {
      if (response.status !== 200) refuse(response.status)
      return { kind: 'scan', content: fromUtf8(response.body) }
    },
    buildQuery: (attemptId) => build('query', { attemptId }, true),
    async parseQuery(response) {
      if (response.status !== 200) refuse(response.status)
      return readTransaction(response.body)
    },
    buildClose: (attemptId) => build('close', { attemptId }, true),
    async parseClose(response) {
      if (response.status !== 204) refuse(response.status)
    },
    async parseNotification({ headers, body }) {
      if (headers.get('signature') !== 'genuine') throw new ZhichengError('ERR_TEST_SIGNATURE', 'not genuine')
      return { id: headers.get('id') ?? 'n-1', transaction: readTransaction(body) }
    },
    formatNotificationAnswer: (answer) =>
      answer.accepted ? new Response(null, { status: 204 }) : new Response(answer.code, { status: answer.status }),
  }

  const transactionOf = (attemptId: string) => {
    const entry = bank.get(attemptId)
    return {
      attemptId,
      state: entry?.state ?? 'absent',
      payee: 'ours',
      ...(entry?.state === 'paid'
        ? {
            payment: {
              transactionId: entry.transactionId,
              amount: entry.amount,
              currency: 'CNY',
              paidAt: '2026-11-24T00:01:00Z',
            },
          }
        : {}),
    }
  }

  const test: TestChannel = {
    provider,
    bank,
    calls,
    onCall: () => {},
    async fetch(input, init) {
      const operation = new URL(String(input)).pathname.slice(1)
      const { attemptId, amount } = JSON.parse(fromUtf8(init?.body as Uint8Array))
      calls.push(operation)
      await test.onCall(operation)
      const entry = bank.get(attemptId)
      if (operation === 'query') return Response.json(transactionOf(attemptId))
      if (operation === 'close') {
        if (entry?.state !== 'pending') return new Response(null, { status: 400 })
        bank.set(attemptId, { ...entry, state: 'closed' })
        return new Response(null, { status: 204 })
      }
      if (entry && entry.state !== 'pending') return new Response(null, { status: 400 })
      bank.set(attemptId, { state: 'pending', amount })
      return new Response(`test://${attemptId}`)
    },
    pay(attemptId, transactionId) {
      const entry = bank.get(attemptId)
      if (entry) bank.set(attemptId, { ...entry, state: 'paid', transactionId })
    },
    notify(transaction, { signature = 'genuine', id = 'n-1' } = {}) {
      return new Request('https://unit.example/notify', {
        method: 'POST',
        headers: { signature, id },
        body: JSON.stringify(transaction),
      })
    },
  }
  return test
}

/** The word of a bank about a payment, to be changed and put into `notify`. */
export function paidTransaction(attemptId: string, amount: number, transactionId: string): object {
  return {
    attemptId,
    state: 'paid',
    payee: 'ours',
    payment: { transactionId, amount, currency: 'CNY', paidAt: '2026-11-24T00:01:00Z' },
  }
}
