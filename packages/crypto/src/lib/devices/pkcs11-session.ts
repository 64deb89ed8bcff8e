/** A session with one token of a PKCS#11 library: finding the token, logging in, reading objects, signing. */
import { type Secret, utf8 } from '@zhicheng/core'
import { cryptoError } from '../../errors.ts'
import type { Pkcs11Module } from './pkcs11-module.ts'
import { attributeType, flags, returnValue, userType } from './pkcs11-names.ts'
import { createQueue } from './pkcs11-queue.ts'

/** Which token, and how to log in. */
export interface Pkcs11TokenChoice {
  token?: string | undefined
  slot?: number | undefined
  pin?: Secret<string> | undefined
}

/** What to sign with. */
export interface Pkcs11Mechanism {
  readonly type: number
  readonly parameters?: Uint8Array
}

/** An open session. */
export interface Pkcs11Session {
  /** Handles of the objects that have these attributes, at most 256. */
  find(template: readonly [type: number, value: Uint8Array][]): Promise<number[]>
  /** The value of an attribute; `undefined` for one the object does not have or show. */
  attribute(handle: number, type: number): Promise<Uint8Array | undefined>
  sign(key: number, mechanism: Pkcs11Mechanism, data: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array>
  close(): Promise<void>
}

const maxSlots = 256
const maxObjects = 256
const maxAttributeBytes = 262_144
// The longest signature that is accepted: RSA of 16384 bits.
const maxSignatureBytes = 2048

/** Opens a session and logs in. Throws `ERR_PKCS11_NOT_FOUND`, `ERR_PKCS11_FAILED` or `ERR_CRYPTO_PASSWORD_REQUIRED`. */
export async function openSession(module: Pkcs11Module, choice: Pkcs11TokenChoice): Promise<Pkcs11Session> {
  const { memory, call } = module
  return module.queue(async () => {
    const { slot, tokenFlags } = await findToken(module, choice)
    const handle = memory.bytes(memory.ulongSize)
    await call('C_OpenSession', [slot, flags.serialSession, null, null, handle])
    const session = memory.readUlong(handle)
    try {
      const loggedIn = (tokenFlags & flags.loginRequired) !== 0 || choice.pin !== undefined
      if (loggedIn) await login(module, session, userType.user, choice.pin, tokenFlags)
      if (loggedIn) module.logins.set(slot, (module.logins.get(slot) ?? 0) + 1)
      return sessionOf(module, { session, slot, loggedIn, pin: choice.pin, tokenFlags })
    } catch (error) {
      // What went wrong first is what the caller must hear of.
      await call('C_CloseSession', [session]).catch(() => undefined)
      throw error
    }
  })
}

async function findToken(
  { memory, call }: Pkcs11Module,
  { token, slot }: Pkcs11TokenChoice,
): Promise<{ slot: number; tokenFlags: number }> {
  const slots = memory.bytes(maxSlots * memory.ulongSize)
  const count = memory.ulongs(maxSlots)
  await call('C_GetSlotList', [1, slots, count])
  const found: { slot: number; tokenFlags: number }[] = []
  const labels: string[] = []
  for (let index = 0; index < Math.min(memory.readUlong(count), maxSlots); index += 1) {
    const id = memory.readUlong(slots, index)
    // CK_TOKEN_INFO: 96 bytes of texts, eleven integers, versions and a time.
    const info = memory.bytes(512)
    const { tokenNotPresent, tokenNotRecognized, deviceRemoved } = returnValue
    // A token that went away, or a card of another kind, does not keep the others from being found.
    const allowed = [tokenNotPresent, tokenNotRecognized, deviceRemoved]
    if ((await call('C_GetTokenInfo', [id, info], { allowed })) !== returnValue.ok) continue
    const tokenFlags = memory.readUlong(info.subarray(96))
    if ((tokenFlags & flags.tokenInitialized) === 0) continue
    const label = new TextDecoder().decode(info.subarray(0, 32)).trimEnd()
    labels.push(label)
    if ((slot === undefined || slot === id) && (token === undefined || token === label)) {
      found.push({ slot: id, tokenFlags })
    }
  }
  if (found.length === 1) return found[0]!
  throw cryptoError(
    'ERR_PKCS11_NOT_FOUND',
    found.length === 0
      ? 'No token is in a slot that has this label or number: check both, and that the device is plugged in.'
      : 'More than one token fits: name one by its label, or by the number of its slot.',
    { facts: { ...(token === undefined ? {} : { token }), ...(slot === undefined ? {} : { slot }), tokens: labels } },
  )
}

async function login(
  { memory, call }: Pkcs11Module,
  session: number,
  user: number,
  pin: Secret<string> | undefined,
  tokenFlags: number,
): Promise<void> {
  const allowed = user === userType.user ? [returnValue.alreadyLoggedIn] : []
  if (pin === undefined) {
    if ((tokenFlags & flags.protectedPath) === 0) {
      throw cryptoError('ERR_CRYPTO_PASSWORD_REQUIRED', 'The token wants a PIN: pass it as pin.')
    }
    // The device asks for the PIN on its own keys.
    await call('C_Login', [session, user, null, 0], { allowed })
    return
  }
  const text = utf8(pin.reveal())
  const bytes = memory.copy(text)
  text.fill(0)
  try {
    await call('C_Login', [session, user, bytes, bytes.length], { allowed })
  } finally {
    bytes.fill(0)
  }
}

function sessionOf(
  module: Pkcs11Module,
  state: {
    session: number
    slot: number
    loggedIn: boolean
    pin: Secret<string> | undefined
    tokenFlags: number
  },
): Pkcs11Session {
  const { memory, call, logins } = module
  const { session, slot } = state
  // A session has one operation at a time: the next one waits.
  const queue = createQueue()
  const alwaysAuthenticate = new Map<number, boolean>()
  let closing: Promise<void> | undefined

  async function find(template: readonly [type: number, value: Uint8Array][]): Promise<number[]> {
    const values = template.map(([, value]) => memory.copy(value))
    const entries = template.map(([type], index) => memory.structure(type, values[index]!, values[index]!.length))
    const joined = memory.copy(new Uint8Array(entries.flatMap((entry) => [...entry])))
    await call('C_FindObjectsInit', [session, joined, template.length], { keep: values })
    const handles = memory.bytes(maxObjects * memory.ulongSize)
    const count = memory.ulongs(0)
    try {
      await call('C_FindObjects', [session, handles, maxObjects, count])
    } finally {
      await call('C_FindObjectsFinal', [session])
    }
    const length = Math.min(memory.readUlong(count), maxObjects)
    return Array.from({ length }, (_, index) => memory.readUlong(handles, index))
  }

  async function attribute(handle: number, type: number): Promise<Uint8Array | undefined> {
    const missing = [returnValue.attributeSensitive, returnValue.attributeTypeInvalid]
    const asked = memory.structure(type, null, 0)
    const result = await call('C_GetAttributeValue', [session, handle, asked, 1], { allowed: missing })
    const lengthAt = memory.ulongSize + memory.pointerSize
    const length = memory.readUlong(asked.subarray(lengthAt))
    if (result !== returnValue.ok || length > maxAttributeBytes) return undefined
    const value = memory.bytes(length)
    const wanted = memory.structure(type, value, length)
    await call('C_GetAttributeValue', [session, handle, wanted, 1], { keep: [value] })
    return value.slice(0, Math.min(length, memory.readUlong(wanted.subarray(lengthAt))))
  }

  async function sign(key: number, mechanism: Pkcs11Mechanism, data: Uint8Array): Promise<Uint8Array> {
    const parameters = mechanism.parameters ? memory.copy(mechanism.parameters) : null
    const chosen = memory.structure(mechanism.type, parameters, parameters?.length ?? 0)
    const again = alwaysAuthenticate.get(key) ?? (await attribute(key, attributeType.alwaysAuthenticate))?.[0] === 1
    alwaysAuthenticate.set(key, again)
    await call('C_SignInit', [session, chosen, key], { keep: [parameters] })
    const signature = memory.bytes(maxSignatureBytes)
    const length = memory.ulongs(maxSignatureBytes)
    const finish = (): Promise<number> => call('C_Sign', [session, memory.copy(data), data.length, signature, length])
    if (again) {
      try {
        await login(module, session, userType.contextSpecific, state.pin, state.tokenFlags)
      } catch (error) {
        // Only C_Sign ends what C_SignInit began, and without the login it can but refuse.
        await finish().catch(() => undefined)
        throw error
      }
    }
    await finish()
    return signature.slice(0, Math.min(memory.readUlong(length), maxSignatureBytes))
  }

  async function close(): Promise<void> {
    const rest = (logins.get(slot) ?? 0) - (state.loggedIn ? 1 : 0)
    if (rest > 0) logins.set(slot, rest)
    else logins.delete(slot)
    // The login holds for all sessions of this process: the last one that needed it ends it.
    if (state.loggedIn && rest === 0) await call('C_Logout', [session])
    await call('C_CloseSession', [session])
  }

  // What was asked for before closing is still done.
  async function open<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closing === undefined) return queue(work)
    throw cryptoError('ERR_PKCS11_FAILED', 'The session with the device was closed: make a new signer.', {
      facts: { result: 'CKR_SESSION_CLOSED' },
    })
  }

  return {
    find: (template) => open(() => find(template)),
    attribute: (handle, type) => open(() => attribute(handle, type)),
    sign: (key, mechanism, data, signal) =>
      open(async () => {
        signal?.throwIfAborted()
        return sign(key, mechanism, data)
      }),
    close() {
      closing ??= queue(() => module.queue(close))
      return closing
    },
  }
}
