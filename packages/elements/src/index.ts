/** The element classes, without registering them; `@zhicheng/elements/define` registers every tag. */
export { ZcConfigRequestEvent, type ZcConfiguration } from './base/config-request.ts'
export { ZcElement } from './base/zc-element.ts'
export { ZcCaseTracker } from './case-tracker/case-tracker.ts'
export { ZcCashier } from './cashier/cashier.ts'
export { ZcConfig } from './config/config.ts'
export { ZcDocumentVerdict } from './document-verdict/document-verdict.ts'
export { ZcLoginButton } from './login-button/login-button.ts'
