/** Small pieces that several pages show: waiting, a problem, a call to log in. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Problem } from './problem.ts'

/** Something is being loaded. */
export function waiting(): TemplateResult {
  return html`<p class="card waiting" role="status">正在加载，请稍候…</p>`
}

/** A problem with what to do about it. */
export function problemNotice(problem: Problem, retry?: () => void): TemplateResult {
  return html`<div class="notice bad" role="alert">
    <p>${problem.text}${problem.code ? html` <small>（错误代码 ${problem.code}）</small>` : nothing}</p>
    ${retry ? html`<button class="button quiet" type="button" @click=${retry}>重试</button>` : nothing}
  </div>`
}

/** Says that a login is needed, and offers it. */
export function loginCall(title: string, text: string): TemplateResult {
  return html`<section class="card call" aria-labelledby="login-title">
    <img src="/assets/images/person.svg" alt="" width="72" height="72" />
    <div>
      <h2 id="login-title">${title}</h2>
      <p>${text}</p>
      <zc-login-button></zc-login-button>
    </div>
  </section>`
}

/** A page that cannot show what was asked for, and where to go instead. */
export function deadEnd(title: string, text: string, link?: { name: string; address: string }): TemplateResult {
  return html`<section class="card call" aria-labelledby="dead-end-title">
    <img src="/assets/images/not-found.svg" alt="" width="72" height="72" />
    <div>
      <h2 id="dead-end-title">${title}</h2>
      <p>${text}</p>
      ${link ? html`<a class="button" href=${link.address}>${link.name}</a>` : nothing}
    </div>
  </section>`
}
