/** `<zc-case-tracker>`: where a case stands, until when it is promised, its documents, and the rating at the end. */
import { type CaseStepView, type CaseView, type RatingLevel, rateCase, readCase } from '@zhicheng/intake/wire'
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
import { caseTrackerStyles } from './case-tracker.styles.ts'

const marks: Record<CaseStepView['state'], string> = { done: '✓', current: '●', waiting: '', stopped: '×' }
const levels: readonly RatingLevel[] = [5, 4, 3, 2, 1]

/**
 * @summary Progress of one case.
 * @event zc-case - The case was read; `detail` is the case view.
 * @event zc-rated - The applicant rated the service; `detail` is the case view.
 */
export class ZcCaseTracker extends ZcElement {
  static override styles: CSSResultGroup = [tokens, controls, caseTrackerStyles]

  static override properties: PropertyDeclarations = {
    case: { type: String },
    view: { state: true },
    level: { state: true },
    busy: { state: true },
    failed: { state: true },
  }

  /** Identifier of the case. */
  declare case: string
  declare private view: CaseView | undefined
  declare private level: RatingLevel | undefined
  declare private busy: boolean
  declare private failed: boolean

  constructor() {
    super()
    this.case = ''
    this.busy = false
    this.failed = false
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!isServer && changed.has('case') && this.case) void this.reload()
  }

  /** Reads the case again. */
  async reload(): Promise<void> {
    await this.#attempt(async () => {
      this.view = await this.call(readCase, { params: { case: this.case } })
      this.announce('zc-case', this.view)
    })
  }

  override render(): TemplateResult {
    const view = this.view
    if (!view)
      return this.failed
        ? this.#renderFailure()
        : html`<div class="card soft" role="status">${this.text('loading')}</div>`
    return html`<section class="card" aria-label="${this.text('case.progress')}：${view.caseNumber}">
      <h2>${plainName(view.itemName)}</h2>
      <dl class="facts">
        <div><dt>${this.text('case.number')}</dt><dd>${view.caseNumber}</dd></div>
        <div><dt>${this.text('case.department')}</dt><dd>${plainName(view.department)}</dd></div>
      </dl>
      ${this.#renderDue(view)} ${this.failed ? this.#renderFailure() : nothing}
      <h3 id="progress">${this.text('case.progress')}</h3>
      <ol aria-labelledby="progress">
        ${view.steps.map((step) => this.#renderStep(step))}
      </ol>
      ${this.#renderDocuments(view)} ${this.#renderRating(view)}
    </section>`
  }

  #renderDue({ due }: CaseView): TemplateResult | typeof nothing {
    if (!due) return nothing
    return html`<p class="due ${due.overdue ? 'overdue' : ''}">
      ${due.overdue ? this.text('case.overdue', due.at.slice(0, 10)) : this.text('case.due', due.at.slice(0, 10), due.remainingWorkingDays)}
      ${due.paused ? html`<small>${this.text('case.paused')}</small>` : nothing}
      ${due.provisional ? html`<small>${this.text('case.provisional')}</small>` : nothing}
    </p>`
  }

  #renderStep(step: CaseStepView): TemplateResult {
    return html`<li class="step ${step.state}" aria-current=${step.state === 'current' ? 'step' : nothing}>
      <span class="mark" aria-hidden="true">${marks[step.state]}</span>
      <div>
        <div class="name">${plainName(step.name)}</div>
        <div class="meta">
          ${this.text(`case.state.${step.state}`)}${step.at ? html` · <time datetime=${step.at}>${formatMinute(step.at)}</time>` : nothing}
        </div>
        ${step.note ? html`<div class="meta">${plainName(step.note)}</div>` : nothing}
      </div>
    </li>`
  }

  #renderDocuments({ documents }: CaseView): TemplateResult | typeof nothing {
    if (documents.length === 0) return nothing
    return html`<h3>${this.text('case.documents')}</h3>
      <ul>
        ${documents.map(({ name, url }) => {
          const address = safeAddress(url)
          return address ? html`<li><a class="button quiet" href=${address}>${plainName(name)}</a></li>` : nothing
        })}
      </ul>`
  }

  #renderRating(view: CaseView): TemplateResult | typeof nothing {
    if (view.rating) return html`<p role="status">${this.text('case.rated', this.text(`rating.${view.rating}`))}</p>`
    // Only a finished case can be rated; nothing is chosen beforehand.
    if (view.steps.length === 0 || view.steps.some(({ state }) => state === 'current' || state === 'waiting'))
      return nothing
    return html`<form @submit=${this.#rate}>
      <fieldset>
        <legend>${this.text('case.rate')}</legend>
        ${levels.map(
          (level) => html`<label class="level">
            <input
              type="radio"
              name="level"
              .value=${String(level)}
              .checked=${this.level === level}
              @change=${() => {
                this.level = level
              }}
            />
            ${this.text(`rating.${level}`)}
          </label>`,
        )}
      </fieldset>
      <button class="button" type="submit" ?disabled=${this.busy || !this.level}>${this.text('case.rate.submit')}</button>
    </form>`
  }

  #renderFailure(): TemplateResult {
    return html`<div class="notice" role="alert">
      ${this.text('failed')}
      <button class="button quiet" type="button" @click=${() => this.reload()}>${this.text('retry')}</button>
    </div>`
  }

  #rate = async (event: Event): Promise<void> => {
    event.preventDefault()
    const level = this.level
    if (!level) return
    await this.#attempt(async () => {
      this.view = await this.call(rateCase, { params: { case: this.case }, body: { level } })
      this.announce('zc-rated', this.view)
    })
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    this.busy = true
    this.failed = false
    try {
      await work()
    } catch {
      this.failed = !this.gone.aborted
    } finally {
      this.busy = false
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'zc-case-tracker': ZcCaseTracker
  }
}
