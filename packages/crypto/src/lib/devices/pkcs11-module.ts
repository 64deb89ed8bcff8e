/**
 * A PKCS#11 library, loaded once in a process. Its functions block, so each runs on a thread of koffi's; what a function
 * points to is held until it is over.
 */
import { cryptoError } from '../../errors.ts'
import { type Koffi, loadKoffi } from './pkcs11-koffi.ts'
import { describeMemory, type Pkcs11Memory } from './pkcs11-memory.ts'
import { flags, functionPlaces, nameOfReturn, type Pkcs11Function, returnValue } from './pkcs11-names.ts'
import { createQueue, type Queue } from './pkcs11-queue.ts'

type Argument = number | Uint8Array | null

/** A loaded and initialised library. */
export interface Pkcs11Module {
  readonly memory: Pkcs11Memory
  /** Calls a function; `keep` is what its structures point to. Throws `ERR_PKCS11_FAILED` unless the result is `allowed`. */
  call(
    name: Pkcs11Function,
    args: readonly Argument[],
    options?: { keep?: readonly unknown[]; allowed?: readonly number[] },
  ): Promise<number>
  /** One thing at a time that concerns the whole library: opening and closing sessions, logging in and out. */
  readonly queue: Queue
  /** How many signers are logged in at each slot: the login is one for all sessions of a process. */
  readonly logins: Map<number, number>
  /** Held, for the library would be unloaded with it. */
  readonly library: unknown
}

const loaded = new Map<string, Promise<Pkcs11Module>>()

/** Loads a library, or gives the one that is loaded. Throws `ERR_PKCS11_UNAVAILABLE` or `ERR_PKCS11_FAILED`. */
export function loadModule(path: string): Promise<Pkcs11Module> {
  const known = loaded.get(path)
  if (known) return known
  const loading = load(path)
  loaded.set(path, loading)
  // A library that was not there may be there the next time.
  loading.catch(() => loaded.delete(path))
  return loading
}

async function load(path: string): Promise<Pkcs11Module> {
  const koffi = await loadKoffi()
  const memory = describeMemory(koffi)
  const library = openLibrary(koffi, path)
  const list = functionList(koffi, memory, library)
  // Without locks of its own, a library may be in one function only at any time.
  const callQueue = createQueue()
  let locking = true

  // Memory the library may be reading: nothing else would keep it alive meanwhile.
  const inUse = new Set<object>()

  const call: Pkcs11Module['call'] = async (name, args, { keep = [], allowed = [] } = {}) => {
    const memoryOfCall = { args, keep }
    inUse.add(memoryOfCall)
    const run = (): Promise<number> => callAsync(list(name), args)
    const result = await (locking ? run() : callQueue(run)).finally(() => inUse.delete(memoryOfCall))
    if (result === returnValue.ok || allowed.includes(result)) return result
    throw failed(name, result)
  }

  const args = memory.structure(null, null, null, null, flags.osLocking, null)
  const { ok, alreadyInitialized, cantLock } = returnValue
  const result = await call('C_Initialize', [args], { allowed: [ok, alreadyInitialized, cantLock] })
  if (result === cantLock) {
    locking = false
    await call('C_Initialize', [null], { allowed: [alreadyInitialized] })
  }
  return { memory, call, queue: createQueue(), logins: new Map(), library }
}

type NativeFunction = ReturnType<ReturnType<Koffi['load']>['func']>

type Library = ReturnType<Koffi['load']>

function openLibrary(koffi: Koffi, path: string): Library {
  try {
    return koffi.load(path)
  } catch (cause) {
    throw cryptoError(
      'ERR_PKCS11_UNAVAILABLE',
      'The PKCS#11 library cannot be loaded: check its path, that it is built for this machine, and what it needs itself.',
      { cause, facts: { module: path } },
    )
  }
}

function functionList(koffi: Koffi, memory: Pkcs11Memory, library: Library): (name: Pkcs11Function) => NativeFunction {
  const pointer = memory.bytes(memory.pointerSize)
  let result: number
  try {
    result = library.func('C_GetFunctionList', 'unsigned long', ['void *'])(pointer)
  } catch (cause) {
    throw cryptoError('ERR_PKCS11_UNAVAILABLE', 'The library is none of PKCS#11: it has no C_GetFunctionList.', {
      cause,
    })
  }
  if (result !== returnValue.ok) throw failed('C_GetFunctionList', result)
  const list: unknown = koffi.decode(pointer, 'void *')
  // CK_VERSION of two bytes stands first, and is filled up to a pointer where structures are not packed.
  const start = memory.ulongSize < memory.pointerSize ? 2 : memory.pointerSize
  const functions = new Map<Pkcs11Function, NativeFunction>()
  return (name) => {
    const known = functions.get(name)
    if (known) return known
    const address: unknown = koffi.decode(list, start + functionPlaces[name] * memory.pointerSize, 'void *')
    const made = koffi.decode(address, koffi.proto('unsigned long', signatures[name])) as NativeFunction
    functions.set(name, made)
    return made
  }
}

const ulong = 'unsigned long'
const memoryPointer = 'void *'

const signatures: Record<Pkcs11Function, string[]> = {
  C_Initialize: [memoryPointer],
  C_GetSlotList: ['uint8_t', memoryPointer, memoryPointer],
  C_GetTokenInfo: [ulong, memoryPointer],
  C_OpenSession: [ulong, ulong, memoryPointer, memoryPointer, memoryPointer],
  C_CloseSession: [ulong],
  C_Login: [ulong, ulong, memoryPointer, ulong],
  C_Logout: [ulong],
  C_GetAttributeValue: [ulong, ulong, memoryPointer, ulong],
  C_FindObjectsInit: [ulong, memoryPointer, ulong],
  C_FindObjects: [ulong, memoryPointer, ulong, memoryPointer],
  C_FindObjectsFinal: [ulong],
  C_SignInit: [ulong, memoryPointer, ulong],
  C_Sign: [ulong, memoryPointer, ulong, memoryPointer, memoryPointer],
}

function callAsync(native: NativeFunction, args: readonly Argument[]): Promise<number> {
  return new Promise((resolve, reject) => {
    native.async(...args, (error: unknown, result: number | bigint) => {
      if (error) reject(error)
      else resolve(Number(result))
    })
  })
}

function failed(name: string, result: number): Error {
  const code = nameOfReturn(result)
  const advice = code.startsWith('CKR_PIN_')
    ? 'check the PIN before trying again, for devices lock themselves after a few wrong ones'
    : 'see the manual of the device for what that asks'
  return cryptoError('ERR_PKCS11_FAILED', `The device answered ${code} to ${name}: ${advice}.`, {
    facts: { function: name, result: code },
  })
}
