/** The department's own routes: applying, the materials, and the window. The elements' operations are the host's. */
import { formatTime, isZhichengError, readBody, type Subject } from '@zhicheng/core'
import { type Measure, measureTitles } from '@zhicheng/credit'
import { type Case, foodBusinessLicence, type Intake } from '@zhicheng/intake'
import * as v from 'valibot'
import { flattenForm } from '../form-fields.ts'
import { ruleTitles } from './credit-policy.ts'
import type { Department } from './department.ts'
import { eventNames } from './event-names.ts'
import { listCase, listWindowCases, readWindowRecord } from './window-record.ts'
import { type WindowAction, windowActions } from './window-work.ts'

const item = foodBusinessLicence
const maxForm = 65_536
const maxMaterial = 10 * 1_048_576

const statusNames: Partial<Record<Case['status'], string>> = {
  draft: '草稿',
  submitted: '已提交',
  received: '已收件，待受理',
  supplementing: '待补正',
  accepted: '已受理',
  suspended: '已受理，待补正',
  granted: '准予许可，待制证',
  denied: '不予许可',
  certified: '已制证',
  delivered: '已送达',
  closed: '已办结',
  archived: '已归档',
  'not-accepted': '不予受理',
}

const actionNames: Record<WindowAction, string> = {
  'credit-check': '信用核查',
  accept: '受理并发出缴费通知',
  decide: '作出许可决定',
  issue: '制证、签章并送达',
  archive: '归档移交',
}

const problem = (status: number, code: string, message: string): Response =>
  Response.json({ error: { code, message } }, { status, headers: { 'cache-control': 'no-store' } })
const answer = (value: unknown, status = 200): Response =>
  Response.json(value, { status, headers: { 'cache-control': 'no-store' } })

/** Answers `/app/…`; `undefined` for everything else. `isClerk` says who may work at the window. */
export function createRoutes(
  department: Department,
  { origin, isClerk }: { origin: string; isClerk: (subject: Subject) => boolean },
): (request: Request) => Promise<Response | undefined> {
  const { support } = department
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('/app/')) return undefined
    // The same rule as the host's: a write comes from our own pages or not at all.
    if (request.method !== 'GET' && (request.headers.get('origin') ?? origin) !== origin) {
      return problem(403, 'ERR_APP_FOREIGN_ORIGIN', '请求来自其他网站。')
    }
    const session = await support.identity.readSession(request)
    if (!session) {
      return pathname === '/app/item' ? answer(describeItem()) : problem(401, 'ERR_APP_LOGIN_REQUIRED', '请先登录。')
    }
    const { subject } = session
    try {
      if (pathname === '/app/item') return answer(describeItem(subject))
      const window = /^\/app\/window\/cases(?:\/([A-Za-z0-9_-]+)\/([a-z-]+))?$/.exec(pathname)
      if (window) {
        if (!isClerk(subject)) return problem(403, 'ERR_APP_NOT_A_CLERK', '只有窗口工作人员可以办理。')
        return await answerWindow(department, request, { caseId: window[1], action: window[2], subject })
      }
      return (
        (await answerApplicant(department, request, { pathname, subject })) ??
        problem(404, 'ERR_APP_NOT_FOUND', '没有这个地址。')
      )
    } catch (error) {
      if (!isZhichengError(error)) throw error
      return problem(error.outcome === 'unknown' ? 502 : 422, error.code, error.message)
    }
  }
}

async function answerApplicant(
  { support, store }: Department,
  request: Request,
  { pathname, subject }: { pathname: string; subject: Subject },
): Promise<Response | undefined> {
  const { intake } = support
  const applicant = { issuer: subject.issuer, id: subject.id, name: subject.principal.name }
  if (pathname === '/app/cases' && request.method === 'GET') {
    const cases = await intake.listCases(applicant)
    return answer({
      cases: cases.map((state) => ({ ...summary(state, intake), at: state.times.submitted ?? state.times.drafted })),
    })
  }
  if (pathname === '/app/cases' && request.method === 'POST') {
    const { form } = v.parse(
      v.object({ form: v.unknown() }),
      JSON.parse(new TextDecoder().decode(await readBody(request, maxForm))),
    )
    const { id } = await intake.createDraft({ applicant, itemCode: item.code, form })
    return answer({ id }, 201)
  }
  const [, caseId, step, code] =
    /^\/app\/cases\/([A-Za-z0-9_-]+)\/(materials|submit)(?:\/([a-z-]+))?$/.exec(pathname) ?? []
  if (!caseId || request.method === 'GET') return undefined
  const state = await intake.readCase(caseId)
  if (state.applicant.issuer !== subject.issuer || state.applicant.id !== subject.id) return undefined
  if (step === 'materials' && code) {
    const { digest } = await intake.addMaterial(caseId, {
      code,
      name: new URL(request.url).searchParams.get('name') ?? '',
      mediaType: request.headers.get('content-type') ?? '',
      content: await readBody(request, maxMaterial),
    })
    return answer({ digest })
  }
  if (step !== 'submit') return undefined
  const { caseNumber } = await intake.submit(caseId, await intake.readForm(caseId))
  await listCase(store, caseId)
  return answer({ id: caseId, caseNumber })
}

async function answerWindow(
  department: Department,
  request: Request,
  { caseId, action, subject }: { caseId: string | undefined; action: string | undefined; subject: Subject },
): Promise<Response> {
  const { support, work, store } = department
  if (caseId === undefined) {
    const ids = await listWindowCases(store)
    return answer({
      cases: await Promise.all(ids.map(async (id) => row(department, await support.intake.readCase(id)))),
    })
  }
  const wanted = windowActions.find((one) => one === action)
  if (request.method !== 'POST' || !wanted) return problem(404, 'ERR_APP_NOT_FOUND', '没有这项操作。')
  if (!(await work.actionsOf(await support.intake.readCase(caseId))).includes(wanted)) {
    return problem(409, 'ERR_APP_ACTION_NOT_DUE', '办件现在不需要这项操作，请刷新。')
  }
  return answer(await row(department, await work.run(wanted, caseId, { id: subject.id, name: subject.principal.name })))
}

async function row({ support, work, store }: Department, state: Case): Promise<unknown> {
  const { credit } = await readWindowRecord(store, state.id)
  const deadlines = support.intake.deadlines(state)
  const actions = await work.actionsOf(state)
  const events = await support.intake.readEvents(state.id)
  return {
    ...summary(state, support.intake),
    applicantName: state.applicant.name,
    submittedAt: state.times.submitted,
    ...(deadlines ? { dueAt: formatTime(deadlines.promised.dueAt) } : {}),
    ...(credit
      ? {
          credit: {
            status: credit.status,
            measureName: measureTitles[credit.decision.measure as Measure],
            reasons: credit.decision.reasons.map(({ rule }) => ruleTitles[rule] ?? rule),
          },
        }
      : {}),
    log: events.map(({ at, type }) => ({ at, text: eventNames[type] })),
    actions: actions.map((id, index) => ({ id, name: actionNames[id], primary: index === 0 })),
  }
}

function summary(state: Case, intake: Intake): Record<string, unknown> {
  return {
    id: state.id,
    ...(state.caseNumber ? { caseNumber: state.caseNumber } : {}),
    itemName: intake.item(state.itemCode).name,
    status: state.status,
    statusName: statusNames[state.status] ?? state.status,
  }
}

/** The item as the application page needs it, prefilled with what the login says. */
function describeItem(subject?: Subject): unknown {
  const organisation = subject?.principal.kind === 'organisation' ? subject.principal : undefined
  return {
    item: {
      code: item.code,
      name: item.name,
      department: item.department.name,
      legalWorkingDays: item.legalWorkingDays,
      promisedWorkingDays: item.promisedWorkingDays,
      fee: item.fee?.amount,
    },
    ...flattenForm(item),
    definition: item,
    materials: item.materials,
    prefill: organisation
      ? {
          '/operator/name': organisation.name,
          '/operator/uscc': organisation.uscc,
          '/premises/division': item.department.division,
        }
      : {},
  }
}
