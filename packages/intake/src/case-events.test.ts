import { createHash } from 'node:crypto'
import { memoryStore } from '@zhicheng/store/memory'
import { beforeAll, describe, expect, it } from 'vitest'
import { projectCase } from './case.ts'
import { type CaseEvent, verifyEvents } from './case-events.ts'
import { openWindow } from './test-support/window.ts'

let events: CaseEvent[]
let others: CaseEvent[]
beforeAll(async () => {
  const { intake, reach } = openWindow(memoryStore())
  events = await intake.readEvents((await reach('closed')).id)
  others = await intake.readEvents((await reach('closed')).id)
})

const codes = (log: CaseEvent[], options?: { head?: string }) =>
  verifyEvents(log, options).findings.map(({ code }) => code)

/** RFC 8785 for the values of events (no exotic numbers), written apart from the package's own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  )
}

describe('the event log', () => {
  it('has hashes that another implementation of SHA-256 and of sorted JSON finds too', () => {
    for (const { hash, ...content } of events) {
      expect(
        createHash('sha256')
          .update(JSON.stringify(sorted(content)))
          .digest('hex'),
      ).toBe(hash)
    }
  })

  it('shows any changed value', () => {
    for (const [index, event] of events.entries()) {
      const changes: CaseEvent[] = [
        { ...event, at: '2020-01-01T00:00:00+08:00' },
        { ...event, actor: { ...event.actor, id: 'somebody' } },
        { ...event, basis: 'other' },
        { ...event, data: { ...event.data, more: 1 } } as unknown as CaseEvent,
      ]
      for (const changed of changes) {
        const log = events.with(index, changed)
        expect(codes(log)).toEqual(['EVENT_HASH'])
        expect(() => projectCase(log)).toThrow(expect.objectContaining({ code: 'ERR_INTAKE_LOG_BROKEN' }))
      }
    }
  })

  it('shows an event that was taken out, put in, moved or exchanged', () => {
    expect(codes(events.toSpliced(3, 1))).toContain('EVENT_SEQUENCE')
    expect(codes(events.toSpliced(3, 0, events[3]!))).toContain('EVENT_SEQUENCE')
    expect(codes([events[1]!, events[0]!, ...events.slice(2)])).toContain('EVENT_LINK')
    expect(codes(events.with(4, others[4]!))).toEqual(expect.arrayContaining(['EVENT_IDENTITY', 'EVENT_LINK']))
    expect(codes([])).toEqual(['EVENT_NONE'])
  })

  it('shows an end that was cut off to whoever kept the head', () => {
    const { head } = verifyEvents(events)
    expect(codes(events.slice(0, -1))).toEqual([])
    expect(codes(events.slice(0, -1), { head })).toEqual(['EVENT_HEAD'])
  })

  it('calls a content without JSON changed instead of breaking', () => {
    const strange = { ...events[0]!, data: { form: Number.NaN } } as unknown as CaseEvent
    expect(codes(events.with(0, strange))).toEqual(['EVENT_HASH'])
  })
})
