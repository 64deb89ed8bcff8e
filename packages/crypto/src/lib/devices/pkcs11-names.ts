/** The numbers of PKCS#11 v2.40 (OASIS pkcs11-base-v2.40, pkcs11-curr-v2.40) that a signer needs. */

/** Places of functions in CK_FUNCTION_LIST. */
export const functionPlaces = {
  C_Initialize: 0,
  C_GetSlotList: 4,
  C_GetTokenInfo: 6,
  C_OpenSession: 12,
  C_CloseSession: 13,
  C_Login: 18,
  C_Logout: 19,
  C_GetAttributeValue: 24,
  C_FindObjectsInit: 26,
  C_FindObjects: 27,
  C_FindObjectsFinal: 28,
  C_SignInit: 42,
  C_Sign: 43,
} as const

/** Functions that are called. */
export type Pkcs11Function = keyof typeof functionPlaces

/** Classes of objects. */
export const objectClass = { certificate: 1, publicKey: 2, privateKey: 3 } as const

/** Attributes of objects. */
export const attributeType = {
  class: 0x0,
  label: 0x3,
  value: 0x11,
  keyType: 0x100,
  id: 0x102,
  modulus: 0x120,
  ecPoint: 0x181,
  alwaysAuthenticate: 0x202,
} as const

/** Mechanisms of signatures. */
export const mechanismType = {
  rsaPkcs: 0x1,
  rsaPss: 0xd,
  ecdsa: 0x1041,
  eddsa: 0x1057,
} as const

/** CK_RSA_PKCS_PSS_PARAMS by digest: CKM_SHA256 and the like, CKG_MGF1_SHA256 and the like, length of the salt. */
export const pssParameters: Readonly<Record<string, readonly [digest: number, mask: number, saltLength: number]>> = {
  sha256: [0x250, 2, 32],
  sha384: [0x260, 3, 48],
  sha512: [0x270, 4, 64],
}

/** Flags of tokens, sessions and initialisation. */
export const flags = {
  loginRequired: 0x4,
  protectedPath: 0x100,
  tokenInitialized: 0x400,
  serialSession: 0x4,
  osLocking: 0x2,
} as const

/** Who logs in. */
export const userType = { user: 1, contextSpecific: 2 } as const

/** Return values that are no failure everywhere. */
export const returnValue = {
  ok: 0,
  cantLock: 0x8,
  attributeSensitive: 0x11,
  attributeTypeInvalid: 0x12,
  deviceRemoved: 0x32,
  tokenNotPresent: 0xe0,
  tokenNotRecognized: 0xe1,
  alreadyLoggedIn: 0x100,
  alreadyInitialized: 0x191,
} as const

const names: Readonly<Record<number, string>> = {
  [0x2]: 'CKR_HOST_MEMORY',
  [0x3]: 'CKR_SLOT_ID_INVALID',
  [0x5]: 'CKR_GENERAL_ERROR',
  [0x6]: 'CKR_FUNCTION_FAILED',
  [0x7]: 'CKR_ARGUMENTS_BAD',
  [0x8]: 'CKR_CANT_LOCK',
  [0x11]: 'CKR_ATTRIBUTE_SENSITIVE',
  [0x12]: 'CKR_ATTRIBUTE_TYPE_INVALID',
  [0x13]: 'CKR_ATTRIBUTE_VALUE_INVALID',
  [0x20]: 'CKR_DATA_INVALID',
  [0x21]: 'CKR_DATA_LEN_RANGE',
  [0x30]: 'CKR_DEVICE_ERROR',
  [0x31]: 'CKR_DEVICE_MEMORY',
  [0x32]: 'CKR_DEVICE_REMOVED',
  [0x50]: 'CKR_FUNCTION_CANCELED',
  [0x54]: 'CKR_FUNCTION_NOT_SUPPORTED',
  [0x60]: 'CKR_KEY_HANDLE_INVALID',
  [0x62]: 'CKR_KEY_SIZE_RANGE',
  [0x63]: 'CKR_KEY_TYPE_INCONSISTENT',
  [0x68]: 'CKR_KEY_FUNCTION_NOT_PERMITTED',
  [0x70]: 'CKR_MECHANISM_INVALID',
  [0x71]: 'CKR_MECHANISM_PARAM_INVALID',
  [0x82]: 'CKR_OBJECT_HANDLE_INVALID',
  [0x90]: 'CKR_OPERATION_ACTIVE',
  [0x91]: 'CKR_OPERATION_NOT_INITIALIZED',
  [0xa0]: 'CKR_PIN_INCORRECT',
  [0xa1]: 'CKR_PIN_INVALID',
  [0xa2]: 'CKR_PIN_LEN_RANGE',
  [0xa3]: 'CKR_PIN_EXPIRED',
  [0xa4]: 'CKR_PIN_LOCKED',
  [0xb0]: 'CKR_SESSION_CLOSED',
  [0xb1]: 'CKR_SESSION_COUNT',
  [0xb3]: 'CKR_SESSION_HANDLE_INVALID',
  [0xe0]: 'CKR_TOKEN_NOT_PRESENT',
  [0xe1]: 'CKR_TOKEN_NOT_RECOGNIZED',
  [0x100]: 'CKR_USER_ALREADY_LOGGED_IN',
  [0x101]: 'CKR_USER_NOT_LOGGED_IN',
  [0x102]: 'CKR_USER_PIN_NOT_INITIALIZED',
  [0x103]: 'CKR_USER_TYPE_INVALID',
  [0x104]: 'CKR_USER_ANOTHER_ALREADY_LOGGED_IN',
  [0x150]: 'CKR_BUFFER_TOO_SMALL',
  [0x190]: 'CKR_CRYPTOKI_NOT_INITIALIZED',
}

/** The name of a return value; vendors add their own from 0x80000000 on. */
export function nameOfReturn(value: number): string {
  return names[value] ?? `CKR 0x${value.toString(16).padStart(8, '0')}`
}
