/** The application form: its answers, its files, its errors, and the sending. */
import type { JsonValue } from '@zhicheng/formats'
import { type ServiceItem, validateForm } from '@zhicheng/intake'
import { html, nothing, type TemplateResult } from 'lit'
import { unflattenForm } from '../../src/form-fields.ts'
import type { ItemView, Material } from './contract.ts'
import { fieldId, fieldView } from './field-view.ts'
import { checkAnswer, type Field, fieldsOf, normaliseAnswer } from './fields.ts'
import { type CheckedFile, checkFile } from './files.ts'
import { materialId, materialView } from './material-view.ts'
import { problemNotice } from './notices.ts'
import { type Problem, problemOf } from './problem.ts'
import { type Draft, type SendingProgress, sendApplication } from './submission.ts'

/** One application from the empty form to the case. */
export class ApplicationForm {
  readonly #definition: ServiceItem
  readonly #fields: readonly Field[]
  readonly #materials: readonly Material[]
  readonly #answers = new Map<string, string>()
  readonly #files = new Map<string, CheckedFile>()
  readonly #draft: Draft = { uploaded: new Map() }
  /** By identifier of the control, in the order of the page. */
  #errors = new Map<string, string>()
  #summary = false
  #progress: SendingProgress | undefined
  #problem: Problem | undefined
  #touched = false
  readonly #pageTitle = document.title
  readonly #changed: () => void
  readonly #sent: (caseId: string) => void

  /** `changed` asks for another rendering, which must be done when it returns; `sent` follows the handing in. */
  constructor(
    { form, order, materials, definition, prefill = {} }: ItemView,
    { changed, sent }: { changed: () => void; sent: (caseId: string) => void },
  ) {
    this.#definition = definition
    this.#fields = fieldsOf(form, order)
    this.#materials = materials
    this.#changed = changed
    this.#sent = sent
    for (const { name } of this.#fields) this.#answers.set(name, prefill[name] ?? '')
  }

  /** True while leaving the page would lose something that was filled in. */
  get unsaved(): boolean {
    return this.#touched
  }

  view(): TemplateResult {
    const busy = this.#progress !== undefined
    return html`<form class="card application" novalidate aria-labelledby="application" @submit=${this.#submit}>
      <h2 id="application" tabindex="-1">在线申请</h2>
      ${this.#summary && this.#errors.size > 0 ? this.#summaryView() : nothing}
      <h3 class="step"><span class="step-number" aria-hidden="true">1</span>填写申请信息</h3>
      ${this.#fields.map((field) => this.#fieldView(field))}
      <h3 class="step"><span class="step-number" aria-hidden="true">2</span>上传材料</h3>
      ${this.#materials.map((material) => this.#materialView(material))}
      <h3 class="step"><span class="step-number" aria-hidden="true">3</span>确认并提交</h3>
      <p class="soft">请再核对一遍所填内容和所附材料。提交后将收到办件编号，可随时查询进度。</p>
      <div id="application-problem" tabindex="-1">${this.#problem ? problemNotice(this.#problem) : nothing}</div>
      <div class="actions">
        <button class="button large" type="submit" aria-disabled=${busy ? 'true' : nothing}>
          ${busy ? '正在提交…' : '提交申请'}
        </button>
      </div>
      <p class="sending" role="status">${this.#progress?.text}</p>
      ${
        this.#progress
          ? html`<progress aria-label="提交进度" max=${this.#progress.total} .value=${this.#progress.done}></progress>`
          : nothing
      }
    </form>`
  }

  #summaryView(): TemplateResult {
    return html`<div class="notice bad summary" id="error-summary" role="alert" tabindex="-1" aria-labelledby="error-title">
      <h3 id="error-title">有 ${this.#errors.size} 处需要修改</h3>
      <ul>
        ${[...this.#errors].map(
          ([id, text]) => html`<li>
            <a
              href="#${id}"
              @click=${(event: Event) => {
                event.preventDefault()
                focusOn(id)
              }}
              >${text}</a
            >
          </li>`,
        )}
      </ul>
    </div>`
  }

  #fieldView(field: Field): TemplateResult {
    const { name } = field
    return fieldView(field, {
      value: this.#answers.get(name) ?? '',
      error: this.#errors.get(fieldId(name)),
      onInput: (value) => {
        this.#touched = true
        this.#answers.set(name, value)
        if (field.kind === 'lines') this.#changed()
      },
      onChange: (value) => {
        this.#touched = true
        const answer = normaliseAnswer(field, value)
        this.#answers.set(name, answer)
        const wrong = checkAnswer(field, answer)
        // An empty field is not reproached before the applicant wants to send; a wrong answer is.
        this.#setError(fieldId(name), this.#summary || answer !== '' ? wrong : undefined)
        this.#changed()
      },
    })
  }

  #materialView(material: Material): TemplateResult {
    const { code } = material
    return materialView(material, {
      chosen: this.#files.get(code),
      error: this.#errors.get(materialId(code)),
      onChoose: (file) => void this.#choose(material, file),
      onRemove: () => {
        this.#files.delete(code)
        this.#changed()
        focusOn(materialId(code))
      },
    })
  }

  async #choose(material: Material, file: File): Promise<void> {
    const checked = await checkFile(file, material)
    this.#touched = true
    if (typeof checked === 'string') this.#files.delete(material.code)
    else this.#files.set(material.code, checked)
    this.#setError(materialId(material.code), typeof checked === 'string' ? checked : undefined)
    this.#changed()
  }

  #setError(id: string, text: string | undefined): void {
    if (text === undefined) this.#errors.delete(id)
    else this.#errors.set(id, text)
  }

  #submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (this.#progress) return
    this.#problem = undefined
    this.#errors = this.#findErrors()
    this.#summary = this.#errors.size > 0
    // The title is the first thing a screen reader says.
    document.title = `${this.#summary ? '错误：' : ''}${this.#pageTitle}`
    this.#changed()
    if (this.#summary) return focusOn('error-summary')
    try {
      const caseId = await sendApplication(
        { form: this.#filledForm(), files: this.#files },
        { draft: this.#draft, report: (progress) => this.#show(progress) },
      )
      this.#touched = false
      this.#sent(caseId)
    } catch (error) {
      this.#problem = problemOf(error)
      this.#show(undefined)
      focusOn('application-problem')
    }
  }

  #findErrors(): Map<string, string> {
    const errors = new Map<string, string>()
    for (const field of this.#fields) {
      const answer = normaliseAnswer(field, this.#answers.get(field.name) ?? '')
      this.#answers.set(field.name, answer)
      const wrong = checkAnswer(field, answer)
      if (wrong !== undefined) errors.set(fieldId(field.name), wrong)
    }
    // The item's own schema has the last word, here and on the server.
    const check = errors.size === 0 ? validateForm(this.#definition, this.#filledForm()) : undefined
    if (check && !check.valid) {
      for (const { path } of check.problems) {
        const field = this.#fields.find(({ name }) => path === name || path.startsWith(`${name}/`))
        // A rule without a field of its own is told at the first field rather than not at all.
        const place = field ?? this.#fields[0]!
        errors.set(fieldId(place.name), field ? `${field.title}填写有误` : '表单填写有误，请核对全部内容')
      }
    }
    for (const { code, name, required } of this.#materials) {
      const id = materialId(code)
      const refused = this.#errors.get(id)
      if (this.#files.has(code)) continue
      if (required) errors.set(id, refused ?? `请上传${name}`)
      else if (refused) errors.set(id, refused)
    }
    return errors
  }

  // An answer that was left out is left out of the form too: an empty text would not pass a pattern.
  #filledForm(): JsonValue {
    return unflattenForm(this.#definition, Object.fromEntries(this.#answers))
  }

  #show(progress: SendingProgress | undefined): void {
    this.#progress = progress
    this.#changed()
  }
}

function focusOn(id: string): void {
  const element = document.getElementById(id)
  element?.focus({ preventScroll: true })
  element?.scrollIntoView({ block: 'center' })
}
