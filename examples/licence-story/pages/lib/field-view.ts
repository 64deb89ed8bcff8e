/** Shows one field of the form with its label, hint and error, all tied to the control. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Field } from './fields.ts'
import { countCharacters } from './text.ts'

/** What a field holds and how it tells the form. */
export interface FieldState {
  value: string
  error: string | undefined
  /** On each key. */
  onInput: (value: string) => void
  /** When the answer is complete: the field is left, or a choice is made. */
  onChange: (value: string) => void
}

/** Identifier of the control that an error of this field leads to. */
export function fieldId(name: string): string {
  return `field-${name}`
}

/** The field as a group of label, hint, error and control. */
export function fieldView(field: Field, state: FieldState): TemplateResult {
  if (field.kind === 'choice') return choiceView(field, state)
  const id = fieldId(field.name)
  return html`<div class="field ${state.error ? 'wrong' : ''}">
    <label for=${id}>${field.title}${mark(field)}</label>
    ${notes(field, state)} ${controlView(field, state)}
    ${
      field.kind === 'lines'
        ? html`<p class="counter" aria-hidden="true">${countCharacters(state.value)} / ${field.maxLength} 字</p>`
        : nothing
    }
  </div>`
}

function choiceView(field: Field, state: FieldState): TemplateResult {
  const { name, title, choices } = field
  // A single choice is a promise to make or not to make: something that can be taken back.
  const single = choices.length === 1
  return html`<fieldset class="field ${state.error ? 'wrong' : ''}" aria-describedby=${described(field, state)}>
    <legend>${title}${mark(field)}</legend>
    ${notes(field, state)}
    <div class="choices">
      ${choices.map(
        (choice, index) => html`<label class="choice">
          <input
            type=${single ? 'checkbox' : 'radio'}
            id=${index === 0 ? fieldId(name) : nothing}
            name=${name}
            .value=${choice}
            .checked=${state.value === choice}
            @change=${(event: Event) => state.onChange((event.target as HTMLInputElement).checked ? choice : '')}
          />
          ${choice}
        </label>`,
      )}
    </div>
  </fieldset>`
}

function controlView(field: Field, state: FieldState): TemplateResult {
  const { name, kind, required, choices, maxLength } = field
  const id = fieldId(name)
  const invalid = state.error ? 'true' : nothing
  const describedBy = described(field, state)
  const input = (event: Event): void => state.onInput((event.target as HTMLInputElement).value)
  const change = (event: Event): void => state.onChange((event.target as HTMLInputElement).value)
  if (kind === 'select')
    return html`<select
      id=${id}
      name=${name}
      ?required=${required}
      aria-invalid=${invalid}
      aria-describedby=${describedBy}
      @change=${change}
    >
      <option value="" .selected=${state.value === ''}>请选择</option>
      ${choices.map((choice) => html`<option .value=${choice} .selected=${state.value === choice}>${choice}</option>`)}
    </select>`
  if (kind === 'lines')
    return html`<textarea
      id=${id}
      name=${name}
      rows=${maxLength > 200 ? 4 : 2}
      ?required=${required}
      aria-invalid=${invalid}
      aria-describedby=${describedBy}
      .value=${state.value}
      @input=${input}
      @change=${change}
    ></textarea>`
  return html`<input
    id=${id}
    class=${maxLength <= 20 || kind !== 'line' ? 'short' : nothing}
    name=${name}
    type=${kind === 'date' ? 'date' : kind === 'telephone' ? 'tel' : 'text'}
    autocomplete=${kind === 'telephone' ? 'tel' : 'off'}
    ?required=${required}
    aria-invalid=${invalid}
    aria-describedby=${describedBy}
    .value=${state.value}
    @input=${input}
    @change=${change}
  />`
}

function notes({ name, hint }: Field, { error }: FieldState): TemplateResult {
  return html`${hint ? html`<p class="hint" id="hint-${name}">${hint}</p>` : nothing}
  ${error ? html`<p class="error" id="error-${name}"><span class="visually-hidden">错误：</span>${error}</p>` : nothing}`
}

function described({ name, hint }: Field, { error }: FieldState): string | typeof nothing {
  const ids = [hint ? `hint-${name}` : '', error ? `error-${name}` : ''].filter(Boolean)
  return ids.length > 0 ? ids.join(' ') : nothing
}

function mark({ required }: Field): TemplateResult {
  return required ? html` <span class="required">必填</span>` : html` <span class="optional">选填</span>`
}
