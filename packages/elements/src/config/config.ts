/** `<zc-config>`: where the back end is and which style to show, for every element inside. */
import {
  type CSSResult,
  css,
  html,
  LitElement,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { ZcConfigRequestEvent, type ZcConfiguration } from '../base/config-request.ts'

/**
 * @summary Configures the elements inside it.
 * @slot - The part of the page that the configuration holds for.
 */
export class ZcConfig extends LitElement {
  static override styles: CSSResult = css`
    :host {
      display: contents;
    }
  `

  static override properties: PropertyDeclarations = {
    api: { type: String },
    uiStyle: { type: String, attribute: 'ui-style', reflect: true },
  }

  /** Where the department's handler is mounted. */
  declare api: string
  /** `normal`, or `elder` for the elder-friendly style (适老, 长辈版). */
  declare uiStyle: 'normal' | 'elder'

  readonly #listeners = new Set<(configuration: ZcConfiguration) => void>()

  constructor() {
    super()
    this.api = '/api'
    this.uiStyle = 'normal'
    this.addEventListener(ZcConfigRequestEvent.eventName, (event) => {
      const request = event as ZcConfigRequestEvent
      event.stopPropagation()
      this.#listeners.add(request.receive)
      request.unsubscribe = () => this.#listeners.delete(request.receive)
      request.receive(this.#configuration())
    })
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.size > 0) for (const receive of this.#listeners) receive(this.#configuration())
  }

  override render(): TemplateResult {
    return html`<slot></slot>`
  }

  #configuration(): ZcConfiguration {
    return { api: this.api, uiStyle: this.uiStyle }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'zc-config': ZcConfig
  }
}
