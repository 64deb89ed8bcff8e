/** Where the values of private keys are kept: beside the objects that callers hold, so that no log can show them. */
import { cryptoError } from '../../errors.ts'
import type { EngineKey } from '../engines/engine.ts'

const materials = new WeakMap<object, EngineKey>()

/** Ties a value to the object that stands for it. */
export function keepMaterial(privateKey: object, material: EngineKey): void {
  materials.set(privateKey, material)
}

/** The value of a private key. Throws `ERR_CRYPTO_KEY_INVALID` for an object that stands for none. */
export function materialOf(privateKey: object): EngineKey {
  const material = materials.get(privateKey)
  if (material) return material
  throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The private key was not made by parsePrivateKey of this package.')
}
