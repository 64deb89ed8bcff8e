/** What of a case goes into the archive: the event log, the item, and the digests of everything it refers to. */
import type { JsonValue } from '@zhicheng/formats'
import type { Case } from './case.ts'
import { type CaseEvent, hashJson } from './case-events.ts'
import type { ServiceItem } from './service-item.ts'

/**
 * The process metadata (过程元数据) of a case as JSON. `events` verify with `verifyEvents` and end with `head`; the item is
 * there as it is configured now, with its digest.
 */
export function formatProcessMetadata(
  state: Case,
  { events, item }: { events: readonly CaseEvent[]; item: ServiceItem },
): JsonValue {
  const value = {
    format: 'zhicheng-intake-process/1',
    caseId: state.id,
    ...(state.caseNumber ? { caseNumber: state.caseNumber } : {}),
    ...(state.projectNumber ? { projectNumber: state.projectNumber } : {}),
    status: state.status,
    ...(state.outcome ? { outcome: state.outcome } : {}),
    item,
    digests: {
      algorithm: 'sha256',
      head: state.head,
      item: hashJson(item),
      form: state.formDigest,
      materials: state.materials.map(({ id, code, digest }) => ({ id, code, digest })),
      documents: state.documents.map(({ id, digest }) => ({ id, digest })),
    },
    events,
  }
  return JSON.parse(JSON.stringify(value)) as JsonValue
}
