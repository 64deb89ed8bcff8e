/** Base of all elements: configuration from the surroundings, language, calls to the department's back end. */
import { callOperation, type OperationInput, type OperationShape, type PartOf } from '@zhicheng/core'
import { LitElement, type PropertyDeclarations } from 'lit'
import { ZcConfigRequestEvent, type ZcConfiguration } from './config-request.ts'
import { type MessageKey, type MessageValues, message } from './messages.ts'

export class ZcElement extends LitElement {
  static override properties: PropertyDeclarations = {
    api: { type: String },
    uiStyle: { type: String, attribute: 'ui-style', reflect: true },
    fetch: { attribute: false },
  }

  /** Where the department's handler is mounted; `/api` unless a `<zc-config>` around says otherwise. */
  declare api: string | undefined
  /** `normal` or `elder`; set by a `<zc-config>` around, or here. */
  declare uiStyle: 'normal' | 'elder'
  /** Replaces the browser's `fetch`, for pages that add headers. */
  declare fetch: typeof globalThis.fetch | undefined

  #surroundings: ZcConfiguration | undefined
  #unsubscribe: (() => void) | undefined
  #aborts = new AbortController()

  constructor() {
    super()
    this.uiStyle = 'normal'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#aborts = new AbortController()
    const request = new ZcConfigRequestEvent((configuration) => {
      this.#surroundings = configuration
      this.uiStyle = configuration.uiStyle
    })
    this.dispatchEvent(request)
    this.#unsubscribe = request.unsubscribe
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unsubscribe?.()
    this.#aborts.abort()
  }

  /** Ends when the element leaves the page. */
  protected get gone(): AbortSignal {
    return this.#aborts.signal
  }

  /** Language of the nearest ancestor that has one. */
  protected get language(): string {
    return this.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang ?? 'zh-CN'
  }

  /** The text of a key in the element's language. */
  protected text<Key extends MessageKey>(key: Key, ...values: MessageValues<Key>): string {
    return message(this.language, key, ...values)
  }

  /** Calls an operation of the department's handler; the answer is checked against its contract. */
  protected call<Shape extends OperationShape>(
    shape: Shape,
    input: OperationInput<Shape>,
  ): Promise<PartOf<Shape, 'response'>> {
    return callOperation(shape, input, {
      baseUrl: this.api ?? this.#surroundings?.api ?? '/api',
      fetch:
        this.fetch ?? ((address, options) => globalThis.fetch(address, { credentials: 'same-origin', ...options })),
      signal: this.gone,
    })
  }

  /** Tells the page that something happened. */
  protected announce<Detail>(name: `zc-${string}`, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }
}

/** An address that a link may lead to: http, https or relative; anything else becomes `undefined`. */
export function safeAddress(address: string): string | undefined {
  try {
    const { protocol } = new URL(address, globalThis.location?.href ?? 'https://localhost')
    return protocol === 'http:' || protocol === 'https:' ? address : undefined
  } catch {
    return undefined
  }
}

/** A name from outside without the characters that turn the reading direction around. */
export function plainName(name: string): string {
  return name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
}
