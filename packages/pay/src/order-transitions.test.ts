import { expect, it } from 'vitest'
import { nextOrderStatus, type OrderEvent, orderTransitions } from './order-transitions.ts'
import type { OrderStatus } from './wire.ts'

const events: OrderEvent[] = ['start', 'pay', 'mismatch', 'close', 'expire']

/** Every status that some sequence of events leads to. */
function reachableFrom(status: OrderStatus): Set<OrderStatus> {
  const reached = new Set<OrderStatus>([status])
  for (const from of reached) {
    for (const event of events) {
      const to = nextOrderStatus(from, event)
      if (to) reached.add(to)
    }
  }
  return reached
}

it('has one answer for each status and event', () => {
  const keys = orderTransitions.map(({ from, on }) => `${from} ${on}`)
  expect(new Set(keys).size).toBe(keys.length)
})

it('reaches every status of an order without refunds, and no other', () => {
  expect([...reachableFrom('created')].sort()).toEqual(
    ['closed', 'created', 'expired', 'paid', 'paid_after_close', 'paying', 'review'].sort(),
  )
})

it.each(['paid', 'paid_after_close', 'review'] as const)('never leaves %s', (status) => {
  expect([...reachableFrom(status)]).toEqual([status])
})

it('calls an order paid only for a payment that fits', () => {
  for (const { on, to } of orderTransitions) {
    if (to === 'paid' || to === 'paid_after_close') expect(on).toBe('pay')
  }
})

it('lets a payment that fits lose nothing: in every status with an attempt it leads to a status that holds the money', () => {
  for (const status of ['paying', 'closed', 'expired'] as const) {
    expect(['paid', 'paid_after_close']).toContain(nextOrderStatus(status, 'pay'))
    expect(nextOrderStatus(status, 'mismatch')).toBe('review')
  }
})

it('never leads back to where an order came from', () => {
  for (const { from, to } of orderTransitions) {
    if (from !== to) expect(reachableFrom(to)).not.toContain(from)
  }
})
