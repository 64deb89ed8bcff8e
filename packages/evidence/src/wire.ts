/** Receipts and tree heads as they travel: their shapes and readers, without keys and signatures, for a page that only shows them. */
export { formatReceipt, parseReceipt, type Receipt } from './receipt.ts'
