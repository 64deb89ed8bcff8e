/** The local platform: real wire protocols, kept state, misbehaviour by name. The root runs in any runtime, in memory. */
export { createSandbox, type Sandbox, type SandboxOptions } from './create-sandbox.ts'
export type { SandboxErrorCode } from './errors.ts'
export type { Face, FaceContext } from './face.ts'
export {
  type CreditApp,
  type CreditFaceOptions,
  createCreditFace,
  type SampleCompany,
} from './faces/credit/index.ts'
export { type CscFaceCredential, type CscFaceOptions, createCscFace } from './faces/csc/index.ts'
export {
  createWechatFace,
  type WechatAccount,
  type WechatFace,
  type WechatFaceOptions,
  type WechatTestKeys,
} from './faces/wechat/index.ts'
export { createZhelibanFace, type ZhelibanApp, type ZhelibanFaceOptions } from './faces/zheliban/index.ts'
export type { FaceMakers, FaceParts } from './lib/create-faces.ts'
export type { SandboxKeys } from './lib/keys.ts'
export type { KeyShelf, RemoteKeyName, SavedKeys } from './lib/saved-keys.ts'
export { type Persona, personas } from './personas.ts'
export type { DepartmentRegistration } from './registration.ts'
