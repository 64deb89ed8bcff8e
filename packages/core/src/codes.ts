/** Codes that identify people and organisations in China, and how they are masked before anybody sees them. */
export * from './codes/check-code.ts'
export * from './codes/mask.ts'
export * from './codes/resident-id.ts'
export * from './codes/uscc.ts'
