/** How an element asks its surroundings for configuration: an event that the nearest `<zc-config>` answers. */

/** What the surroundings decide for all elements inside. */
export interface ZcConfiguration {
  /** Where the department's handler is mounted: `/api`. */
  api: string
  /** `elder` is the elder-friendly style (适老, 长辈版). */
  uiStyle: 'normal' | 'elder'
}

/** Asked once when an element is connected; the answer calls back at once and on each change until it is unsubscribed. */
export class ZcConfigRequestEvent extends Event {
  static readonly eventName = 'zc-config-request'
  readonly receive: (configuration: ZcConfiguration) => void
  /** Set by whoever answers. */
  unsubscribe: (() => void) | undefined

  constructor(receive: (configuration: ZcConfiguration) => void) {
    super(ZcConfigRequestEvent.eventName, { bubbles: true, composed: true })
    this.receive = receive
  }
}
