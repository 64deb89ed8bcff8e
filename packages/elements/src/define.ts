/** Registers every tag of the library, once. */
import { ZcCaseTracker, ZcCashier, ZcConfig, ZcDocumentVerdict, ZcLoginButton } from './index.ts'

const tags: Readonly<Record<string, CustomElementConstructor>> = {
  'zc-config': ZcConfig,
  'zc-login-button': ZcLoginButton,
  'zc-cashier': ZcCashier,
  'zc-case-tracker': ZcCaseTracker,
  'zc-document-verdict': ZcDocumentVerdict,
}

// A page that loads two copies keeps the first: defining a tag twice would throw.
for (const [tag, element] of Object.entries(tags)) if (!customElements.get(tag)) customElements.define(tag, element)
