/** Everything a department's back end imports: one facade, and the parts that its configuration is made of. */
export { type CaseDescription, type CaseFile, checkPackage, packCaseZip, zipPackage } from '@zhicheng/archive'
export {
  fen,
  formatYuan,
  isZhichengError,
  type Money,
  Secret,
  type Subject,
  secret,
  yuan,
  ZhichengError,
} from '@zhicheng/core'
export { decide, type Policy, parsePolicy } from '@zhicheng/credit'
export { parseCertificates, pemSigner, pkcs12Signer, type Signer } from '@zhicheng/crypto'
export { toNodeListener } from '@zhicheng/host/node'
export { allowInsecureHttp, oidc } from '@zhicheng/identity'
export { foodBusinessLicence, memoryMaterials, type ServiceItem } from '@zhicheng/intake'
export type { OrderEffect } from '@zhicheng/pay'
export { wechatPay } from '@zhicheng/provider-wechat'
export { zhejiang, zhejiangCredit } from '@zhicheng/provider-zhejiang'
export { createPdf, type DocumentDescription, licenceDocument, licenceSealArea } from '@zhicheng/seal/document'
export { createOfd, signOfd, verifyOfd } from '@zhicheng/seal/ofd'
export { roundSeal, sealPicture, signPdf, verifyPdf } from '@zhicheng/seal/pdf'
export type { VerificationReport } from '@zhicheng/seal/wire'
export { memoryStore } from '@zhicheng/store/memory'
export { sqliteStore } from '@zhicheng/store/sqlite'
export { type ArchiveDesk, createSupport, type Support, type SupportConfig } from './create-support.ts'
export type { DocumentShelf, KeptDocument } from './documents.ts'
export type { SupportErrorCode } from './errors.ts'
export { supportMessages } from './messages.zh-CN.ts'
export type { SealDesk, SignOfdByName, SignPdfByName } from './seal-desk.ts'
export { type TsaOptions, tsa } from './timestamps.ts'
export { type DownloadedListsOptions, downloadedLists, type RevocationListSource, trustDirectory } from './trust.ts'
