/** Shows the applicant's cases (我的办件). */
import { html, nothing, type TemplateResult } from 'lit'
import type { CaseSummary } from './contract.ts'
import { formatMinute, plainName } from './text.ts'

const shown = 3

/** The latest cases as cards, the rest folded away. */
export function caseList(cases: readonly CaseSummary[]): TemplateResult {
  if (cases.length === 0) return html`<p class="soft">还没有办件。提交申请后，可以在这里查询进度。</p>`
  const latest = cases.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))
  const rest = latest.slice(shown)
  return html`<ul class="cases">
      ${latest.slice(0, shown).map(caseCard)}
    </ul>
    ${
      rest.length > 0
        ? html`<details>
          <summary>查看更早的 ${rest.length} 件</summary>
          <ul class="cases">
            ${rest.map(caseCard)}
          </ul>
        </details>`
        : nothing
    }`
}

function caseCard({ id, caseNumber, itemName, statusName, at }: CaseSummary): TemplateResult {
  const name = plainName(itemName)
  return html`<li class="card case-card">
    <p class="case-name">
      ${caseNumber ? html`<a href="/case?id=${encodeURIComponent(id)}">${name}</a>` : html`<span>${name}</span>`}
      <span class="chip">${statusName}</span>
    </p>
    <p class="soft">
      ${caseNumber ? html`编号 ${caseNumber}<br />` : html`尚未提交，没有办件编号<br />`}<time datetime=${at}>${formatMinute(at)}</time>
    </p>
  </li>`
}
