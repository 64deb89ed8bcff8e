/** The local platform: real wire protocols, kept state, misbehaviour by name. The root runs in any runtime, in memory. */
export { createSandbox, type Sandbox, type SandboxOptions } from './create-sandbox.ts'
export type { SandboxErrorCode } from './errors.ts'
export type { Face, FaceContext } from './face.ts'
export type { FaceMakers, FaceParts } from './lib/create-faces.ts'
export type { KeyShelf, SandboxKeys, SavedKeys } from './lib/keys.ts'
export { type Persona, personas } from './personas.ts'
export type { DepartmentRegistration } from './registration.ts'
