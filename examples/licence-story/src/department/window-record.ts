/** What the window keeps beside a case: the credit check and its decision, and which order belongs to which case. */
import type { Decision } from '@zhicheng/credit'
import type { Store } from '@zhicheng/store'

/** The window's own notes on a case. */
export interface WindowRecord {
  credit?: { checkId: string; status: 'clear' | 'hit' | 'unknown'; decision: Decision }
  receipt?: { id: string; decision: string }
}

const cases = 'window.cases'
const orders = 'window.orders'

/** Reads the notes on a case; none yet is an empty record. */
export function readWindowRecord(store: Store, caseId: string): Promise<WindowRecord> {
  return store.read((view) => view.get<WindowRecord>(cases, caseId) ?? {})
}

/** Adds to the notes on a case. */
export function noteWindowRecord(store: Store, caseId: string, more: WindowRecord): Promise<void> {
  return store.transaction((tx) => tx.put(cases, caseId, { ...tx.get<WindowRecord>(cases, caseId), ...more }))
}

/** Remembers that an order collects the fee of a case. */
export function noteFeeOrder(store: Store, orderId: string, caseId: string): Promise<void> {
  return store.transaction((tx) => tx.put(orders, orderId, { caseId }))
}

/** The case whose fee an order collects. */
export function caseOfOrder(store: Store, orderId: string): Promise<string | undefined> {
  return store.read((view) => view.get<{ caseId: string }>(orders, orderId)?.caseId)
}

/** The ids of all cases that were submitted, oldest first. */
export function listWindowCases(store: Store): Promise<string[]> {
  return store.read((view) => view.find<{ id: string }>('window.list', { limit: 100 }).map(({ id }) => id))
}

/** Puts a submitted case on the window's list. */
export function listCase(store: Store, caseId: string): Promise<void> {
  return store.transaction((tx) => tx.put('window.list', caseId, { id: caseId }))
}
