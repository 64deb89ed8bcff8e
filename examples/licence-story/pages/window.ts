/** The clerk's worklist: what waits at the window, and the next step of each case. */
import { callOperation } from '@zhicheng/core'
import type { SessionView } from '@zhicheng/identity/wire'
import { html, nothing, render, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { askToConfirm } from './lib/confirm.ts'
import { actOnCase, readWindowCases, type WindowActionId, type WindowCase } from './lib/contract.ts'
import { deadEnd, loginCall, problemNotice, waiting } from './lib/notices.ts'
import { place, startPage } from './lib/page.ts'
import { type Problem, problemOf } from './lib/problem.ts'
import { formatMinute } from './lib/text.ts'
import { headingId, isOverdue, type WindowAction, windowCaseView } from './lib/window-case.ts'

const pollMilliseconds = 5000

let rows: readonly WindowCase[] | undefined
let readAt = new Date()
let problem: Problem | undefined
let said = ''
/** By identifier of the case. */
const running = new Map<string, string>()
const problems = new Map<string, Problem>()
// An answer of the poll that was asked for before an action ended would show the case as it was.
let actionsEnded = 0

async function load(): Promise<void> {
  const before = actionsEnded
  try {
    const { cases } = await callOperation(readWindowCases, {}, { baseUrl: '' })
    if (before !== actionsEnded) return
    rows = cases.map((row) => (running.has(row.id) ? (rows?.find(({ id }) => id === row.id) ?? row) : row))
    readAt = new Date()
    problem = undefined
  } catch (error) {
    problem = problemOf(error)
    // Whoever lost the right to see the list must not go on seeing it.
    if (problem.status === 401 || problem.status === 403) rows = undefined
  }
  update()
}

async function act(row: WindowCase, action: WindowAction): Promise<void> {
  if (running.has(row.id)) return
  const question = questionFor(row, action)
  if (question && !(await askToConfirm(question))) return
  running.set(row.id, action.name)
  problems.delete(row.id)
  update()
  try {
    const next = await callOperation(actOnCase, { params: { id: row.id, action: action.id } }, { baseUrl: '' })
    rows = rows?.map((old) => (old.id === next.id ? next : old))
    said = `${row.applicantName}：“${action.name}”已完成，当前状态“${next.statusName}”。`
  } catch (error) {
    problems.set(row.id, problemOf(error))
  }
  running.delete(row.id)
  actionsEnded += 1
  update()
  // The button that was pressed may be gone; the case itself is still there.
  if (document.activeElement === document.body) document.getElementById(headingId(row.id))?.focus()
}

const grave: Partial<Record<WindowActionId, string>> = {
  decide: '作出的决定会通知申请人，并计入办理时限。',
  issue: '系统将制作许可证并加盖电子印章，送达申请人。',
}

function questionFor(
  { applicantName, credit }: WindowCase,
  { id, name }: WindowAction,
): { title: string; text: string; yes: string } | undefined {
  const consequence = grave[id]
  if (!consequence) return undefined
  const unchecked = credit?.status === 'clear' ? '' : '注意：信用核查没有得出“没有命中限制”的结果。'
  return { title: `确认“${name}”？`, text: `申请人：${applicantName}。${consequence}${unchecked}`, yes: `确认${name}` }
}

function update(): void {
  render(workView(), place('work'))
}

function workView(): TemplateResult {
  if (problem?.status === 401) return loginCall('请先登录', '窗口工作台仅供窗口工作人员使用，请用工作人员账号登录。')
  if (problem?.status === 403)
    return deadEnd('没有权限', '当前登录的账号不是窗口工作人员。请退出后用工作人员账号登录。', {
      name: '返回办事申请',
      address: '/',
    })
  if (!rows) return problem ? problemNotice(problem, () => void load()) : waiting()
  return html`${problem ? problemNotice({ ...problem, text: `清单没有更新成功，下面是 ${formatMinute(readAt.toISOString())} 的内容。${problem.text}` }) : nothing}
    <p class="visually-hidden" role="status">${said}</p>
    ${summaryView(rows)}
    ${rows.length === 0 ? html`<p class="card waiting">目前没有办件。</p>` : nothing}
    <div class="worklist">
      ${repeat(
        rows,
        ({ id }) => id,
        (row) =>
          windowCaseView(row, {
            running: running.get(row.id),
            problem: problems.get(row.id),
            now: readAt,
            onAction: (action) => void act(row, action),
          }),
      )}
    </div>`
}

function summaryView(all: readonly WindowCase[]): TemplateResult {
  const waitingRows = all.filter(({ actions }) => actions.length > 0)
  const overdue = all.filter((row) => isOverdue(row, readAt))
  return html`<dl class="facts counts">
    <div><dt>全部办件</dt><dd><strong>${all.length}</strong> 件</dd></div>
    <div><dt>待办理</dt><dd><strong>${waitingRows.length}</strong> 件</dd></div>
    <div class=${overdue.length > 0 ? 'alarm' : nothing}><dt>已逾期</dt><dd><strong>${overdue.length}</strong> 件</dd></div>
  </dl>`
}

function receiveSession(_session: SessionView): void {
  void load()
}

setInterval(() => {
  const barred = problem?.status === 401 || problem?.status === 403
  if (document.visibilityState === 'visible' && !barred) void load()
}, pollMilliseconds)
startPage(receiveSession)
void load()
