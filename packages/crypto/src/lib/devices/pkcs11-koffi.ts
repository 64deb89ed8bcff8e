/** koffi, which calls functions of C libraries. It is an optional peer, and loaded when a device is first used. */
import { cryptoError } from '../../errors.ts'

/** The part of koffi that is used here. */
export type Koffi = Pick<typeof import('koffi'), 'address' | 'decode' | 'load' | 'proto' | 'sizeof'>

/** Loads koffi. Throws `ERR_PKCS11_UNAVAILABLE`. */
export async function loadKoffi(): Promise<Koffi> {
  try {
    return await import('koffi')
  } catch (cause) {
    throw cryptoError(
      'ERR_PKCS11_UNAVAILABLE',
      'Devices behind PKCS#11 need the package koffi, which is not there: run "npm install koffi".',
      { cause },
    )
  }
}
