/** `<zc-document-verdict>`: what the verification of a document found, in words; what was not checked is never shown as good. */
import type { Verdict } from '@zhicheng/core'
import { type SignatureReport, type VerificationReport, verifyDocument } from '@zhicheng/seal/wire'
import {
  type CSSResultGroup,
  html,
  isServer,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type SVGTemplateResult,
  svg,
  type TemplateResult,
} from 'lit'
import { formatMinute, type MessageKey } from '../base/messages.ts'
import { controls, tokens } from '../base/tokens.ts'
import { plainName, ZcElement } from '../base/zc-element.ts'
import { documentVerdictStyles } from './document-verdict.styles.ts'

type Tone = 'good' | 'unsure' | 'bad'

const tones: Record<Verdict, Tone> = { 'TOTAL-PASSED': 'good', INDETERMINATE: 'unsure', 'TOTAL-FAILED': 'bad' }

// Only these count as good; every answer that is not listed is unsure or bad.
const coverageTones: Partial<Record<SignatureReport['coverage'], Tone>> = {
  'whole-file': 'good',
  'whole-revision': 'good',
  partial: 'bad',
}
const changeTones: Partial<Record<SignatureReport['changes']['level'], Tone>> = {
  none: 'good',
  ltv: 'good',
  'form-filling': 'good',
  other: 'bad',
}
const chainTones: Partial<Record<SignatureReport['chain']['status'], Tone>> = { trusted: 'good', broken: 'bad' }
const revocationTones: Partial<Record<SignatureReport['revocation']['status'], Tone>> = { good: 'good', revoked: 'bad' }

/**
 * @summary Verdict on the seals and signatures of one document.
 * @event zc-verified - The document was verified; `detail` is the report.
 */
export class ZcDocumentVerdict extends ZcElement {
  static override styles: CSSResultGroup = [tokens, controls, documentVerdictStyles]

  static override properties: PropertyDeclarations = {
    document: { type: String },
    report: { attribute: false },
    failed: { state: true },
  }

  /** Identifier of the document at the department's back end. */
  declare document: string
  /** A report to show instead of asking the back end for one. */
  declare report: VerificationReport | undefined
  declare private failed: boolean

  constructor() {
    super()
    this.document = ''
    this.failed = false
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!isServer && changed.has('document') && this.document) void this.reload()
  }

  /** Verifies again. */
  async reload(): Promise<void> {
    this.failed = false
    this.report = undefined
    try {
      this.report = await this.call(verifyDocument, { params: { document: this.document } })
      this.announce('zc-verified', this.report)
    } catch {
      this.failed = !this.gone.aborted
    }
  }

  override render(): TemplateResult {
    if (this.failed) {
      return html`<div class="notice" role="alert">
        ${this.text('failed')}
        <button class="button quiet" type="button" @click=${() => this.reload()}>${this.text('retry')}</button>
      </div>`
    }
    const report = this.report
    if (!report)
      return html`<div class="card"><div class="body soft" role="status"><p>${this.text('verdict.running')}</p></div></div>`
    const tone = tones[report.verdict]
    return html`<section class="card" aria-label="${this.text('verdict.title')}：${plainName(report.file)}">
      <div class="banner ${tone}" role="status">
        ${icon(tone)}
        <div>
          <h2>${this.text(`verdict.${report.verdict}`)}</h2>
          <p>${this.text(report.signatures.length === 0 ? 'verdict.none' : `verdict.explain.${report.verdict}`)}</p>
        </div>
      </div>
      <div class="body">
        <p class="file soft">${plainName(report.file)}</p>
        ${this.#renderFindings(report.findings)} ${report.signatures.map((signature) => this.#renderSignature(signature))}
        ${
          this.document
            ? html`<p class="actions">
              <button class="button quiet" type="button" @click=${() => this.reload()}>${this.text('verdict.again')}</button>
            </p>`
            : nothing
        }
      </div>
    </section>`
  }

  #renderSignature(signature: SignatureReport): TemplateResult {
    const time = signature.signedAt
      ? `${formatMinute(signature.signedAt)}（${this.text(`verdict.time.${signature.timeSource}`)}）`
      : this.text('verdict.unknown')
    return html`<article aria-labelledby="s-${signature.id}">
      <header>
        <h3 id="s-${signature.id}">${this.text(`verdict.kind.${signature.kind}`)}：${plainName(signature.name)}</h3>
        <span class="chip ${tones[signature.verdict]}">${this.text(`verdict.${signature.verdict}`)}</span>
      </header>
      <dl>
        <dt>${this.text('verdict.signer')}</dt>
        <dd>${signature.signer ? plainName(signature.signer.subject) : this.text('verdict.unknown')}</dd>
        <dt>${this.text('verdict.time')}</dt>
        <dd>${time}</dd>
        ${this.#renderAnswer('verdict.coverage', `verdict.coverage.${signature.coverage}`, coverageTones[signature.coverage])}
        ${this.#renderAnswer('verdict.changes', `verdict.changes.${signature.changes.level}`, changeTones[signature.changes.level])}
        ${this.#renderAnswer('verdict.chain', `verdict.chain.${signature.chain.status}`, chainTones[signature.chain.status])}
        ${this.#renderAnswer('verdict.revocation', `verdict.revocation.${signature.revocation.status}`, revocationTones[signature.revocation.status])}
        <dt>${this.text('verdict.form')}</dt>
        <dd>${signature.level} · ${signature.algorithm}</dd>
      </dl>
      ${this.#renderFindings(signature.findings.filter(({ severity }) => severity !== 'info').concat(signature.changes.findings.map((finding) => ({ ...finding, severity: 'warning' }))))}
      ${this.#renderFindings(
        signature.findings.filter(({ severity }) => severity === 'info'),
        'verdict.notes',
      )}
    </article>`
  }

  #renderAnswer(question: MessageKey, answer: MessageKey, tone: Tone = 'unsure'): TemplateResult {
    return html`<dt>${this.text(question as 'loading')}</dt><dd class=${tone}>${this.text(answer as 'loading')}</dd>`
  }

  #renderFindings(
    findings: readonly { code: string; message: string }[],
    label: 'verdict.findings' | 'verdict.notes' = 'verdict.findings',
  ): TemplateResult | typeof nothing {
    if (findings.length === 0) return nothing
    return html`<p class="label">${this.text(label)}</p>
      <ul>
        ${findings.map(({ code, message }) => html`<li>${plainName(message)} <small>${code}</small></li>`)}
      </ul>`
  }
}

function icon(tone: Tone): TemplateResult {
  const drawing: Record<Tone, SVGTemplateResult> = {
    good: svg`<path d="M6.5 12.5l3.6 3.6 7.4-7.7"></path>`,
    unsure: svg`<path d="M9 9.2a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2v.4M12 17.2v.4"></path>`,
    bad: svg`<path d="M8 8l8 8M16 8l-8 8"></path>`,
  }
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="12" cy="12" r="11" fill="currentColor"></circle>
    <g fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round">${drawing[tone]}</g>
  </svg>`
}

declare global {
  interface HTMLElementTagNameMap {
    'zc-document-verdict': ZcDocumentVerdict
  }
}
