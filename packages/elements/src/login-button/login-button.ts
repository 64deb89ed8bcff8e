/** `<zc-login-button>`: log in through the platforms the department offers, see who is logged in, log out. */
import { endSession, readSession, type SessionView } from '@zhicheng/identity/wire'
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { formatMinute } from '../base/messages.ts'
import { controls, tokens } from '../base/tokens.ts'
import { plainName, safeAddress, ZcElement } from '../base/zc-element.ts'
import { loginButtonStyles } from './login-button.styles.ts'

/**
 * @summary Login button and user menu.
 * @event zc-session - The session was read; `detail` is the session view.
 * @event zc-logout - The user logged out.
 */
export class ZcLoginButton extends ZcElement {
  static override styles: CSSResultGroup = [tokens, controls, loginButtonStyles]

  static override properties: PropertyDeclarations = {
    returnPath: { type: String, attribute: 'return-path' },
    session: { attribute: false },
    open: { state: true },
    failed: { state: true },
  }

  /** Where to come back to after the login; the present page unless set. A path of this site. */
  declare returnPath: string | undefined
  /** The session as last read. */
  declare session: SessionView | undefined
  declare private open: boolean
  declare private failed: boolean

  constructor() {
    super()
    this.open = false
    this.failed = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    // Configuration arrives during connection; the first call waits for it.
    queueMicrotask(() => void this.reload())
    document.addEventListener('click', this.#closeOutside, { signal: this.gone })
  }

  /** Reads the session again. */
  async reload(): Promise<void> {
    if (!this.isConnected) return
    this.failed = false
    try {
      this.session = await this.call(readSession, {})
      this.announce('zc-session', this.session)
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
    const session = this.session
    if (!session) return html`<button class="button quiet" type="button" disabled>${this.text('loading')}</button>`
    return session.user ? this.#renderUser(session.user) : this.#renderLogin(session)
  }

  #renderLogin({ providers }: SessionView): TemplateResult {
    const [only] = providers
    if (providers.length === 1 && only) {
      return html`<a class="button" href=${this.#loginAddress(only.loginUrl)}>${this.text('login.button')}</a>`
    }
    return html`${this.#renderToggle('button', html`${this.text('login.button')}`)}
    ${
      this.open
        ? html`<div class="panel" id="panel" @keydown=${this.#closeByKey}>
          <p class="soft">${this.text('login.choose')}</p>
          <ul>
            ${providers.map(
              ({ name, loginUrl }) =>
                html`<li><a class="button quiet" href=${this.#loginAddress(loginUrl)}>${this.text('login.with', plainName(name))}</a></li>`,
            )}
          </ul>
        </div>`
        : nothing
    }`
  }

  #renderUser(user: NonNullable<SessionView['user']>): TemplateResult {
    const name = plainName(user.displayName)
    const label = html`<span class="avatar" aria-hidden="true">${[...name][0]}</span><span class="name">${name}</span>`
    return html`${this.#renderToggle('button quiet user', label)}
    ${
      this.open
        ? html`<div class="panel" id="panel" @keydown=${this.#closeByKey}>
          <p>${this.text('login.user', name)}</p>
          ${user.actorName ? html`<p class="soft">${this.text('login.actor', plainName(user.actorName))}</p>` : nothing}
          <p class="soft">${this.text(`login.assurance.${user.assurance}`)}</p>
          <p class="soft">${this.text('login.until', formatMinute(user.expiresAt))}</p>
          <button class="button quiet" type="button" @click=${this.#logOut}>${this.text('login.logout')}</button>
        </div>`
        : nothing
    }`
  }

  #renderToggle(classes: string, label: TemplateResult): TemplateResult {
    return html`<button
      class=${classes}
      type="button"
      aria-expanded=${this.open ? 'true' : 'false'}
      aria-controls=${this.open ? 'panel' : nothing}
      @click=${() => {
        this.open = !this.open
      }}
    >
      ${label}
    </button>`
  }

  #loginAddress(address: string): string {
    const back = this.returnPath ?? location.pathname + location.search
    const safe = safeAddress(address)
    if (!safe) return '#'
    return `${safe}${safe.includes('?') ? '&' : '?'}returnTo=${encodeURIComponent(back)}`
  }

  #logOut = async (): Promise<void> => {
    try {
      const { redirectUrl } = await this.call(endSession, {})
      this.open = false
      this.announce('zc-logout', {})
      const address = redirectUrl ? safeAddress(redirectUrl) : undefined
      if (address) location.assign(address)
      else await this.reload()
    } catch {
      this.failed = true
    }
  }

  #closeByKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    this.open = false
    this.renderRoot.querySelector<HTMLElement>('[aria-expanded]')?.focus()
  }

  #closeOutside = (event: Event): void => {
    if (this.open && !event.composedPath().includes(this)) this.open = false
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'zc-login-button': ZcLoginButton
  }
}
