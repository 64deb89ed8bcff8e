/** `<zc-cashier>`: shows what is to be paid, starts the payment, and tells when the money has arrived. */
import {
  type OrderStatus,
  type OrderView,
  type PaymentAction,
  readOrder,
  refreshOrder,
  startPayment,
} from '@zhicheng/pay/wire'
import {
  type CSSResultGroup,
  html,
  isServer,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { formatMinute } from '../base/messages.ts'
import { controls, tokens } from '../base/tokens.ts'
import { plainName, safeAddress, ZcElement } from '../base/zc-element.ts'
import { cashierStyles } from './cashier.styles.ts'
import { qrCode } from './qr-code.ts'

const open: ReadonlySet<OrderStatus> = new Set(['created', 'paying'])
const settled: ReadonlySet<OrderStatus> = new Set(['paid', 'partially_refunded', 'refunding', 'refunded'])

/**
 * @summary Cashier for one payment order.
 * @event zc-order - The order was read; `detail` is the order view.
 * @event zc-paid - The order has been paid; `detail` is the order view. Sent once.
 */
export class ZcCashier extends ZcElement {
  static override styles: CSSResultGroup = [tokens, controls, cashierStyles]

  static override properties: PropertyDeclarations = {
    order: { type: String },
    pollSeconds: { type: Number, attribute: 'poll-seconds' },
    view: { state: true },
    action: { state: true },
    channel: { state: true },
    secondsLeft: { state: true },
    busy: { state: true },
    failed: { state: true },
  }

  /** Identifier of the order. */
  declare order: string
  /** How often to look whether the payment has arrived, while a code is shown. */
  declare pollSeconds: number
  declare private view: OrderView | undefined
  declare private action: PaymentAction | undefined
  declare private channel: string | undefined
  declare private secondsLeft: number | undefined
  declare private busy: boolean
  declare private failed: string | undefined

  #timers: ReturnType<typeof setInterval>[] = []
  #announced = false

  constructor() {
    super()
    this.order = ''
    this.pollSeconds = 2
    this.busy = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopTimers()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!isServer && changed.has('order') && this.order) {
      this.#stopTimers()
      this.action = undefined
      this.#announced = false
      void this.reload()
    }
  }

  /** Reads the order again. */
  async reload(): Promise<void> {
    await this.#attempt(async () => this.#receive(await this.call(readOrder, { params: { order: this.order } })))
  }

  override render(): TemplateResult {
    const view = this.view
    if (!view)
      return this.failed
        ? this.#renderFailure()
        : html`<div class="card soft" role="status">${this.text('loading')}</div>`
    const title = plainName(view.title)
    // Named apart from a case of the same title that may stand beside it.
    return html`<section class="card" aria-label="${this.text('cashier.title')}：${title}">
      <header>
        <h2>${title}</h2>
        <span class="status ${settled.has(view.status) ? 'paid' : open.has(view.status) ? '' : 'stopped'}">
          ${this.text(`cashier.status.${view.status}`)}
        </span>
      </header>
      <dl>
        <dt>${this.text('cashier.payee')}</dt>
        <dd>${plainName(view.payee)}</dd>
        ${view.payCode ? html`<dt>${this.text('cashier.payCode')}</dt><dd>${view.payCode}</dd>` : nothing}
      </dl>
      ${this.#renderItems(view)} ${this.failed ? this.#renderFailure() : nothing}
      ${settled.has(view.status) ? this.#renderDone(view) : open.has(view.status) ? this.#renderPayment(view) : nothing}
      <p class="visually-hidden" role="status">${this.#spoken(view)}</p>
    </section>`
  }

  #renderItems(view: OrderView): TemplateResult {
    return html`<table>
      <caption>${this.text('cashier.items')}</caption>
      <tbody>
        ${view.items.map((item) => html`<tr><th scope="row">${plainName(item.name)}</th><td>￥${item.amount}</td></tr>`)}
      </tbody>
      <tfoot>
        <tr><th scope="row">${this.text('cashier.total')}</th><td>￥${view.amount}</td></tr>
      </tfoot>
    </table>`
  }

  #renderPayment(view: OrderView): TemplateResult {
    if (this.action) return this.#renderAction(this.action)
    const chosen = this.channel ?? view.channels[0]?.id
    return html`<fieldset>
        <legend>${this.text('cashier.channel')}</legend>
        ${view.channels.map(
          ({ id, name }) => html`<label class="channel">
            <input
              type="radio"
              name="channel"
              .value=${id}
              .checked=${id === chosen}
              @change=${() => {
                this.channel = id
              }}
            />
            ${plainName(name)}
          </label>`,
        )}
      </fieldset>
      <button class="button" type="button" ?disabled=${this.busy || !chosen} @click=${() => this.#start(chosen!)}>
        ${this.text('cashier.pay', view.amount)}
      </button>`
  }

  #renderAction(action: PaymentAction): TemplateResult {
    if (action.kind === 'open') {
      const address = safeAddress(action.url)
      return html`<p>${address ? html`<a class="button" href=${address}>${this.text('cashier.goOn')}</a>` : this.text('failed')}</p>`
    }
    if (this.secondsLeft === 0) {
      return html`<div class="scan"><div class="side">
        <p role="alert">${this.text('cashier.expired')}</p>
        <button class="button" type="button" @click=${this.#again}>${this.text('cashier.again')}</button>
      </div></div>`
    }
    const code = qrCode(action.content)
    // A payer on the phone cannot scan the phone's own screen: the same content as a link, when it is one.
    const address = /^https?:/.test(action.content) ? safeAddress(action.content) : undefined
    return html`<div class="scan">
      <svg role="img" aria-label=${this.text('cashier.code')} viewBox="0 0 ${code.size} ${code.size}" shape-rendering="crispEdges">
        ${code.path}
      </svg>
      <div class="side">
        <p><strong>${this.text('cashier.scan')}</strong></p>
        <p class="soft">${this.text('cashier.waiting')}</p>
        ${
          this.secondsLeft === undefined
            ? nothing
            : html`<p class="timer" role="timer">
              ${this.text('cashier.left', Math.floor(this.secondsLeft / 60), String(this.secondsLeft % 60).padStart(2, '0'))}
            </p>`
        }
        ${address ? html`<a href=${address} target="_blank" rel="noopener">${this.text('cashier.open')}</a>` : nothing}
        <button class="button quiet" type="button" ?disabled=${this.busy} @click=${this.#refresh}>${this.text('cashier.refresh')}</button>
      </div>
    </div>`
  }

  #renderDone(view: OrderView): TemplateResult {
    return html`<div class="done">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="11" fill="currentColor"></circle>
        <path d="M6.5 12.5l3.6 3.6 7.4-7.7" fill="none" stroke="#fff" stroke-width="2.2"></path>
      </svg>
      <div>
        <strong>${this.text(`cashier.status.${view.status}`)}</strong>
        ${view.paidAt ? html`<div>${this.text('cashier.paidAt', formatMinute(view.paidAt))}</div>` : nothing}
      </div>
    </div>`
  }

  #renderFailure(): TemplateResult {
    return html`<div class="notice" role="alert">
      ${this.failed}
      <button class="button quiet" type="button" @click=${() => this.reload()}>${this.text('retry')}</button>
    </div>`
  }

  // Said once at each of these moments; the running countdown itself stays silent.
  #spoken(view: OrderView): string {
    if (!open.has(view.status)) return this.text(`cashier.status.${view.status}`)
    const left = this.secondsLeft
    if (left === undefined || !this.action) return ''
    if (left > 60) return left <= 300 ? this.text('cashier.minutesLeft', 5) : ''
    return left > 0 ? this.text('cashier.minutesLeft', 1) : this.text('cashier.expired')
  }

  async #start(channel: string): Promise<void> {
    await this.#attempt(async () => {
      const { order, action } = await this.call(startPayment, { params: { order: this.order }, body: { channel } })
      this.#receive(order)
      if (!open.has(order.status)) return
      this.action = action
      this.#startTimers()
    })
  }

  #again = (): void => {
    this.action = undefined
    this.secondsLeft = undefined
  }

  #refresh = async (): Promise<void> => {
    await this.#attempt(async () => this.#receive(await this.call(refreshOrder, { params: { order: this.order } })))
  }

  #receive(view: OrderView): void {
    this.view = view
    this.announce('zc-order', view)
    if (open.has(view.status)) return
    this.#stopTimers()
    if (settled.has(view.status) && !this.#announced) {
      this.#announced = true
      this.announce('zc-paid', view)
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.busy = true
    this.failed = undefined
    try {
      await work()
    } catch {
      if (!this.gone.aborted) this.failed = this.text('failed')
    } finally {
      this.busy = false
    }
  }

  #startTimers(): void {
    this.#stopTimers()
    const expiresAt = this.action?.kind === 'scan' ? this.action.expiresAt : undefined
    const tick = (): void => {
      if (expiresAt) this.secondsLeft = Math.max(0, Math.round((Date.parse(expiresAt) - Date.now()) / 1000))
    }
    tick()
    this.#timers = [
      setInterval(tick, 1000),
      setInterval(() => {
        // A failed look is not shown: the next one comes soon, and the button is there.
        this.call(readOrder, { params: { order: this.order } }).then(
          (view) => this.#receive(view),
          () => undefined,
        )
      }, this.pollSeconds * 1000),
    ]
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'zc-cashier': ZcCashier
  }
}
