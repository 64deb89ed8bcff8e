/** OFD (GB/T 33190) and electronic seals (GM/T 0031, GB/T 38540): create, seal, verify. */
export * from './ofd/create.ts'
export * from './ofd/create-es-seal.ts'
export type { OfdErrorCode } from './ofd/errors.ts'
export {
  type EsSeal,
  parseEsSeal,
  type SealHolders,
  type SealPicture,
  type SesExtension,
  type SesVersion,
} from './ofd/es-seal.ts'
export * from './ofd/messages.zh-CN.ts'
export { parseSesSignature, type SesSignature } from './ofd/ses-signature.ts'
export * from './ofd/sign.ts'
export * from './ofd/stamp.ts'
export * from './ofd/verify.ts'
