/** The page of one case: where it stands, what is to be paid, and whether its documents are genuine. */
import type { SessionView } from '@zhicheng/identity/wire'
import type { CaseView } from '@zhicheng/intake/wire'
import type { OrderStatus, OrderView } from '@zhicheng/pay/wire'
import { html, nothing, render, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { deadEnd, loginCall } from './lib/notices.ts'
import { place, startPage } from './lib/page.ts'

type Obstacle = 'login' | 'not-found'

const pollMilliseconds = 5000
const caseId = new URLSearchParams(location.search).get('id') ?? ''
const toPay: ReadonlySet<OrderStatus> = new Set(['created', 'paying'])
const verifiable: ReadonlySet<string> = new Set(['application/pdf', 'application/ofd'])

let view: CaseView | undefined
let order: OrderView | undefined
let obstacle: Obstacle | undefined = /^[A-Za-z0-9_-]{1,64}$/.test(caseId) ? undefined : 'not-found'

// The tracker shows that it failed, not why; the page looks at the status to say what the visitor can do.
const watchedFetch: typeof fetch = async (address, options) => {
  const response = await fetch(address, { credentials: 'same-origin', ...options })
  const found: Obstacle | undefined =
    response.status === 401 ? 'login' : [400, 403, 404].includes(response.status) ? 'not-found' : undefined
  // A case that is already shown stays; only the login can be lost meanwhile.
  if (found === 'login' || (found && !view)) {
    obstacle = found
    queueMicrotask(update)
  }
  return response
}

function receiveSession(session: SessionView): void {
  if (session.authenticated) {
    if (obstacle !== 'login') return
    obstacle = undefined
  } else if (obstacle !== 'not-found' || view) {
    obstacle = 'login'
    view = undefined
    order = undefined
  }
  update()
}

function update(): void {
  render(workView(), place('work'))
}

function workView(): TemplateResult {
  if (obstacle === 'login') return loginCall('请先登录', '登录后才能查看办件进度、缴费和下载许可证。')
  if (obstacle === 'not-found')
    return deadEnd('没有找到这件办件', '办件编号有误，或者这件办件不属于当前登录的用户。请从“我的办件”中打开。', {
      name: '查看我的办件',
      address: '/#my-cases',
    })
  return html`${order && toPay.has(order.status) ? paymentCall(order) : nothing}
    <div class="columns case ${view?.orderId ? '' : 'single'}">
      <zc-case-tracker case=${caseId} .fetch=${watchedFetch} @zc-case=${receiveCase}></zc-case-tracker>
      ${view?.orderId ? paymentView(view.orderId) : nothing}
    </div>
    ${view ? documentsView(view) : nothing}`
}

function paymentCall({ amount }: OrderView): TemplateResult {
  return html`<div class="notice info">
    <p><strong>本办件待缴费 ￥${amount}</strong>，缴费到账后才会进入下一步。</p>
    <a class="button" href="#payment">去缴费</a>
  </div>`
}

function paymentView(orderId: string): TemplateResult {
  return html`<section id="payment" tabindex="-1" aria-label="缴费">
    <zc-cashier
      order=${orderId}
      @zc-order=${receiveOrder}
      @zc-paid=${() => void tracker()?.reload()}
    ></zc-cashier>
  </section>`
}

function documentsView({ documents }: CaseView): TemplateResult | typeof nothing {
  const shown = documents.filter(({ mediaType }) => verifiable.has(mediaType))
  if (shown.length === 0) return nothing
  return html`<section class="documents" aria-labelledby="documents">
    <h2 id="documents">许可证核验</h2>
    <p class="soft">下面是对每份文书上电子印章的核验结果。没有核验的项目不会显示为通过。</p>
    <div class="columns even">
      ${repeat(
        shown,
        ({ id }) => id,
        ({ id }) => html`<zc-document-verdict document=${id}></zc-document-verdict>`,
      )}
    </div>
  </section>`
}

function receiveCase(event: Event): void {
  const previous = view
  view = (event as CustomEvent<CaseView>).detail
  update()
  // The fee may have been paid elsewhere, at the window or in another tab.
  const moved = previous !== undefined && previous.status !== view.status
  if (moved && order && toPay.has(order.status)) void document.querySelector('zc-cashier')?.reload()
}

function receiveOrder(event: Event): void {
  order = (event as CustomEvent<OrderView>).detail
  update()
}

function tracker(): HTMLElementTagNameMap['zc-case-tracker'] | null {
  return document.querySelector('zc-case-tracker')
}

function finished({ steps }: CaseView): boolean {
  return steps.length > 0 && steps.every(({ state }) => state === 'done' || state === 'stopped')
}

// A hidden page asks nothing; when it comes back it looks at once.
function poll(): void {
  if (view && !finished(view) && !obstacle && document.visibilityState === 'visible') void tracker()?.reload()
}

setInterval(poll, pollMilliseconds)
document.addEventListener('visibilitychange', poll)
startPage(receiveSession)
update()
