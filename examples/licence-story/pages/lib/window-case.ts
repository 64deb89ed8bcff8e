/** Shows one case at the window: due date, credit result in words, what may be done, and what has happened. */
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CreditResult, WindowCase } from './contract.ts'
import { problemNotice } from './notices.ts'
import type { Problem } from './problem.ts'
import { formatMinute, plainName } from './text.ts'

/** An action of a case. */
export type WindowAction = WindowCase['actions'][number]

/** How the card behaves. */
export interface WindowCaseState {
  /** Name of the action that is under way. */
  running: string | undefined
  problem: Problem | undefined
  now: Date
  onAction: (action: WindowAction) => void
}

/** Identifier of a case's heading. */
export function headingId(id: string): string {
  return `case-${id}`
}

/** True if the clock runs and the promised day is past, whoever has to act next. */
export function isOverdue({ dueAt }: WindowCase, now: Date): boolean {
  return dueAt !== undefined && Date.parse(dueAt) < now.getTime()
}

/** The case as a card. */
export function windowCaseView(row: WindowCase, state: WindowCaseState): TemplateResult {
  const overdue = isOverdue(row, state.now)
  return html`<article class="card window-case ${row.actions.length === 0 ? 'finished' : ''}" aria-labelledby=${headingId(row.id)}>
    <header>
      <div>
        <h2 id=${headingId(row.id)} tabindex="-1">${plainName(row.applicantName)}</h2>
        <p class="soft">编号 ${row.caseNumber}</p>
      </div>
      <p class="chips">
        ${overdue ? html`<span class="chip bad">已逾期</span>` : nothing}<span class="chip">${row.statusName}</span>
      </p>
    </header>
    <div class="window-body">
      <div>
        <dl class="pairs">
          <dt>提交时间</dt>
          <dd><time datetime=${row.submittedAt}>${formatMinute(row.submittedAt)}</time></dd>
          <dt>承诺办结</dt>
          <dd>
            ${
              row.dueAt
                ? html`<time datetime=${row.dueAt}>${formatMinute(row.dueAt).slice(0, 10)}</time>${overdue ? '（已逾期）' : nothing}`
                : '目前不计时'
            }
          </dd>
        </dl>
        ${creditView(row.credit)} ${state.problem ? problemNotice(state.problem) : nothing}
        <div class="actions">
          ${repeat(
            row.actions,
            ({ id }) => id,
            (action) => actionView(action, state),
          )}
          ${row.actions.length === 0 ? html`<p class="soft">目前没有需要窗口办理的事项</p>` : nothing}
        </div>
        <p class="sending" role="status">${state.running ? `正在办理：${state.running}…` : nothing}</p>
      </div>
      ${logView(row)}
    </div>
  </article>`
}

// Each action keeps a button of its own: one that turned into the next action would be pressed by a second click.
function actionView(action: WindowAction, { running, onAction }: WindowCaseState): TemplateResult {
  return html`<button
    class="button ${action.primary ? '' : 'quiet'}"
    type="button"
    aria-disabled=${running ? 'true' : nothing}
    @click=${() => onAction(action)}
  >
    ${action.name}
  </button>`
}

const creditWords: Record<CreditResult['status'], { tone: string; mark: string; text: string }> = {
  clear: { tone: 'good', mark: '✓', text: '已核查，没有命中限制' },
  hit: { tone: 'bad', mark: '!', text: '已核查，命中限制' },
  unknown: { tone: 'warn', mark: '?', text: '没有得到结果，不能视为没有限制' },
}

function creditView(credit: CreditResult | undefined): TemplateResult {
  const { tone, mark, text } = credit ? creditWords[credit.status] : { tone: 'none', mark: '—', text: '尚未核查' }
  return html`<div class="credit ${tone}">
    <p class="credit-title"><span class="credit-mark" aria-hidden="true">${mark}</span><strong>信用核查：${text}</strong></p>
    ${credit?.measureName ? html`<p>处理措施：${credit.measureName}</p>` : nothing}
    ${credit && credit.reasons.length > 0 ? html`<ul>${credit.reasons.map((reason) => html`<li>${plainName(reason)}</li>`)}</ul>` : nothing}
  </div>`
}

function logView({ log, actions }: WindowCase): TemplateResult {
  return html`<details class="log" ?open=${actions.length > 0}>
    <summary>办理记录（${log.length} 条）</summary>
    <ol>
      ${log.map(({ at, text }) => html`<li><time datetime=${at}>${formatMinute(at)}</time><span>${plainName(text)}</span></li>`)}
    </ol>
  </details>`
}
