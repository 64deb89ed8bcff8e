/** The page of the service item: what it is, the applicant's cases, and the application form. */
import { callOperation } from '@zhicheng/core'
import type { SessionView } from '@zhicheng/identity/wire'
import { html, nothing, render, type TemplateResult } from 'lit'
import { ApplicationForm } from './lib/application.ts'
import { caseList } from './lib/case-list.ts'
import { type CaseSummary, type ItemView, readCases, readItem } from './lib/contract.ts'
import { kindNames } from './lib/files.ts'
import { problemNotice, waiting } from './lib/notices.ts'
import { place, startPage } from './lib/page.ts'
import { type Problem, problemOf } from './lib/problem.ts'

let view: ItemView | undefined
let session: SessionView | undefined
let cases: readonly CaseSummary[] | undefined
let form: ApplicationForm | undefined
let itemProblem: Problem | undefined
let casesProblem: Problem | undefined
let hashFollowed = false

async function loadItem(): Promise<void> {
  itemProblem = undefined
  try {
    view = await callOperation(readItem, {}, { baseUrl: '' })
    showItem(view)
  } catch (error) {
    itemProblem = problemOf(error)
  }
  update()
}

async function loadCases(): Promise<void> {
  casesProblem = undefined
  try {
    cases = (await callOperation(readCases, {}, { baseUrl: '' })).cases
  } catch (error) {
    casesProblem = problemOf(error)
  }
  update()
  followHash()
}

// What the address points to was not on the page yet when the browser looked for it.
function followHash(): void {
  if (hashFollowed || location.hash === '') return
  hashFollowed = true
  document.getElementById(location.hash.slice(1))?.scrollIntoView()
}

function receiveSession(next: SessionView): void {
  const loggedOut = session?.authenticated === true && !next.authenticated
  session = next
  if (loggedOut) {
    // What belonged to the person who left must not stay on the page.
    form = undefined
    cases = undefined
    void loadItem()
  }
  update()
  if (next.authenticated) void loadCases()
}

function showItem({ item, materials }: ItemView): void {
  place('department').textContent = item.department
  place('title').textContent = item.name
  place('legal-days').textContent = String(item.legalWorkingDays)
  place('promised-days').textContent = String(item.promisedWorkingDays)
  place('fee').textContent = item.fee
  place('material-count').textContent = String(materials.length)
}

function update(): void {
  render(startView(), place('start'))
  render(workView(), place('work'))
}

function startView(): TemplateResult | typeof nothing {
  if (!session) return nothing
  if (session.authenticated) return html`<p><a class="button large" href="#application">开始填写申请</a></p>`
  return html`<div class="start">
    <zc-login-button></zc-login-button>
    <p class="soft">登录后在线申请。企业请由法定代表人或授权的经办人登录。</p>
  </div>`
}

function workView(): TemplateResult {
  if (itemProblem) return problemNotice(itemProblem, () => void loadItem())
  if (!view || !session) return waiting()
  if (!session.authenticated) return html`<div class="columns even">${materialsView(view)} ${processView()}</div>`
  form ??= new ApplicationForm(view, { changed: update, sent: openCasePage })
  return html`<section class="my-cases" id="my-cases" aria-labelledby="my-cases-title">
      <h2 id="my-cases-title">我的办件</h2>
      ${
        casesProblem
          ? problemNotice(casesProblem, () => void loadCases())
          : cases
            ? caseList(cases)
            : html`<p class="soft" role="status">正在加载…</p>`
      }
    </section>
    <div class="columns">${form.view()}<aside aria-label="办理须知">${processView()} ${materialsView(view)}</aside></div>`
}

function materialsView({ materials }: ItemView): TemplateResult {
  return html`<section class="card" aria-labelledby="materials">
    <h2 id="materials">申请材料</h2>
    <ul class="materials">
      ${materials.map(
        (material) => html`<li>
          <img src="/assets/images/file.svg" alt="" width="28" height="28" />
          <div>
            <strong>${material.name}</strong>
            <span class=${material.required ? 'required' : 'optional'}>${material.required ? '必要' : '非必要'}</span>
            <p class="soft">${kindNames(material).join('、')} 格式${material.hint ? html`；${material.hint}` : nothing}</p>
          </div>
        </li>`,
      )}
    </ul>
  </section>`
}

function processView(): TemplateResult {
  const steps = [
    ['提交申请', '在线填写申请信息、上传材料，取得办件编号。'],
    ['受理', '窗口核对材料，核查信用情况后受理。'],
    ['缴费', '在办件页面扫码缴费，到账后自动进入下一步。'],
    ['审查决定', '在承诺的工作日内作出决定。'],
    ['制证送达', '下载加盖电子印章的许可证，可当场核验真伪。'],
  ]
  return html`<section class="card" aria-labelledby="process">
    <h2 id="process">办理流程</h2>
    <ol class="process">
      ${steps.map(([name, text]) => html`<li><strong>${name}</strong><p class="soft">${text}</p></li>`)}
    </ol>
  </section>`
}

function openCasePage(caseId: string): void {
  location.assign(`/case?id=${encodeURIComponent(caseId)}`)
}

addEventListener('beforeunload', (event) => {
  if (form?.unsaved) event.preventDefault()
})

startPage(receiveSession)
void loadItem()
