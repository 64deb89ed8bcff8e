/** How a seal looks, and the ways to make a look: drawn round, from a picture, or out of an electronic seal. */
export { type PictureSealOptions, pictureSeal } from './appearance/picture-seal.ts'
export { type RoundSealOptions, roundSeal } from './appearance/round-seal.ts'
export type { SealAppearance } from './appearance/seal-appearance.ts'
export { type SealPictureOptions, sealPicture } from './appearance/seal-picture.ts'
