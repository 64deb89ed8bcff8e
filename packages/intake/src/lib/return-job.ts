/** Reports a case to the province as far as its log goes: in order, each message until it is taken, under one number for ever. */
import type { JsonValue } from '@zhicheng/formats'
import type { ReadView } from '@zhicheng/store'
import { type Case, projectCase } from '../case.ts'
import type { CaseEvent } from '../case-events.ts'
import { isProjectNumber } from '../case-number.ts'
import type { CaseReturnMessage } from '../case-return.ts'
import {
  buildNumberRequest,
  type CaseReturnIdentity,
  type CaseReturnInput,
  projectCaseReturns,
} from '../case-return-projection.ts'
import type { CaseReturnSink } from '../case-return-sink.ts'
import { intakeError } from '../errors.ts'
import { changeCase, collections, type Engine, loadEvents } from './case-log.ts'

/** Where and as whom cases are reported. */
export interface CaseReturnOptions extends CaseReturnIdentity {
  sink: CaseReturnSink
}

interface Progress {
  /** Messages that were taken, from the first on. */
  taken: number
}

/** Sends what is due. A crash or a lost answer leads to the same message again, which the receiver knows by its number and version. */
export async function returnCase(
  engine: Engine,
  caseId: string,
  { options, signal }: { options: CaseReturnOptions; signal: AbortSignal },
): Promise<void> {
  const { sink } = options
  const send = (message: CaseReturnMessage): ReturnType<CaseReturnSink['send']> => sink.send(message, { signal })
  const { state, input } = await load(engine, caseId, options)
  if (state.projectNumber === undefined) {
    const { projectNumber } = await send(buildNumberRequest(state, input))
    const division = options.areaCode ?? input.item.department.division
    if (projectNumber === undefined || !isProjectNumber(projectNumber, { division })) {
      throw intakeError('ERR_INTAKE_RETURN_FAILED', 'The province answered without a project number of its own form.', {
        outcome: 'unknown',
        retryable: true,
        facts: { caseId },
      })
    }
    await keepNumber(engine, caseId, projectNumber)
  }
  for (;;) {
    // Read again each time: the case may go on while messages are on their way.
    const { messages, taken } = await load(engine, caseId, options)
    const message = messages[taken]
    if (!message) return
    await send(message)
    await engine.store.transaction((tx) => {
      const before = tx.get<Progress>(collections.returns, caseId)?.taken ?? 0
      if (before === taken) tx.put(collections.returns, caseId, { taken: taken + 1 } satisfies Progress)
    })
  }
}

/** How far the report of a case got. */
export interface CaseReturnProgress {
  projectNumber?: string
  steps: { step: number; state: 'taken' | 'waiting' }[]
}

/** Reads the progress; messages that cannot be built before the number is there are not listed. */
export async function readReturnProgress(
  engine: Engine,
  caseId: string,
  options: CaseReturnOptions,
): Promise<CaseReturnProgress> {
  const { state, messages, taken } = await load(engine, caseId, options)
  return {
    ...(state.projectNumber ? { projectNumber: state.projectNumber } : {}),
    steps: messages.map(({ step }, index) => ({ step, state: index < taken ? 'taken' : 'waiting' })),
  }
}

/** The first number that is written down stays, whatever a second answer says. */
function keepNumber(engine: Engine, caseId: string, projectNumber: string): Promise<Case> {
  return changeCase(engine, caseId, {
    work(log) {
      if (log.state.projectNumber !== undefined) return
      log.add('projectNumberIssued', { projectNumber }, { actor: { kind: 'system', id: 'province' } })
    },
  })
}

async function load(
  engine: Engine,
  caseId: string,
  identity: CaseReturnIdentity,
): Promise<{ state: Case; input: CaseReturnInput; messages: CaseReturnMessage[]; taken: number }> {
  return engine.store.read((view: ReadView) => {
    const events: CaseEvent[] = loadEvents(view, caseId)
    const state = projectCase(events)
    const { projectNumber } = state
    const input: CaseReturnInput = {
      item: engine.item(state.itemCode),
      identity,
      form: (digest) => view.get<JsonValue>(collections.forms, `${caseId}/${digest}`) ?? {},
    }
    return {
      state,
      input,
      messages: projectNumber === undefined ? [] : projectCaseReturns(events, { ...input, projectNumber }),
      taken: view.get<Progress>(collections.returns, caseId)?.taken ?? 0,
    }
  })
}
