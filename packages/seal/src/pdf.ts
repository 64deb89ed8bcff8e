/** Signs and verifies PDF: PAdES B-B and B-T, visible seals, certification, and what happened after each signature. */
export * from './appearance.ts'
export { type SignPdfOptions, signPdf, type VisibleSeal } from './pdf/sign.ts'
export { type VerifyPdfOptions, verifyPdf } from './pdf/verify.ts'
