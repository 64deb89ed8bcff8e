/** Shows one material of the application: what is wanted, the file input, the chosen file, what is wrong with it. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Material } from './contract.ts'
import { acceptOf, type CheckedFile, kindNames } from './files.ts'
import { formatSize } from './text.ts'

/** What a material holds and how it tells the form. */
export interface MaterialState {
  chosen: CheckedFile | undefined
  error: string | undefined
  onChoose: (file: File) => void
  onRemove: () => void
}

/** Identifier of the control that an error of this material leads to. */
export function materialId(code: string): string {
  return `material-${code}`
}

/** The material with its drop zone: the file input lies over the zone, so dropping a file needs no script. */
export function materialView(material: Material, state: MaterialState): TemplateResult {
  const { code, name, required, hint, maxBytes } = material
  const id = materialId(code)
  return html`<div class="field material ${state.error ? 'wrong' : ''}">
    <label for=${id}>${name} <span class=${required ? 'required' : 'optional'}>${required ? '必填' : '选填'}</span></label>
    <p class="hint" id="hint-${code}">
      ${hint ? html`${hint}<br />` : nothing}${kindNames(material).join('、')} 格式，不超过 ${formatSize(maxBytes)}
    </p>
    ${state.error ? html`<p class="error" id="error-${code}"><span class="visually-hidden">错误：</span>${state.error}</p>` : nothing}
    <div class="drop">
      <input
        id=${id}
        type="file"
        accept=${acceptOf(material)}
        aria-invalid=${state.error ? 'true' : nothing}
        aria-describedby="hint-${code}${state.error ? ` error-${code}` : ''}${state.chosen ? ` chosen-${code}` : ''}"
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement
          const [file] = input.files ?? []
          // Emptied at once: choosing the same file again must count as a choice.
          input.value = ''
          if (file) state.onChoose(file)
        }}
      />
      <span class="button quiet" aria-hidden="true">${state.chosen ? '更换文件' : '选择文件'}</span>
      <span class="drop-hint" aria-hidden="true">或把文件拖到这里</span>
    </div>
    <div class="chosen">
      <div id="chosen-${code}" role="status">${state.chosen ? chosenView(state.chosen) : nothing}</div>
      ${
        state.chosen
          ? html`<button class="link" type="button" @click=${state.onRemove}>删除<span class="visually-hidden"> ${state.chosen.name}</span></button>`
          : nothing
      }
    </div>
  </div>`
}

function chosenView({ name, file }: CheckedFile): TemplateResult {
  return html`<img src="/assets/images/file.svg" alt="" width="28" height="28" />
    <span class="file-name">已选择 ${name}（${formatSize(file.size)}）</span>`
}
