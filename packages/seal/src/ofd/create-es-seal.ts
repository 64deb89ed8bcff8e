/** Makes electronic seals (制章): versions 1 (GM/T 0031-2014), 4 (GB/T 38540-2020) and 5 (GM/T 0031-2025), signed with SM2. */
import { toHex } from '@zhicheng/core'
import { type Certificate, der, hash, type Signer, type TimestampSource } from '@zhicheng/crypto'
import { sm2Sm3Oid } from '../lib/ofd/algorithms.ts'
import { signChecked, timestampField } from '../lib/ofd/sign-checked.ts'
import { ofdError } from './errors.ts'
import type { SealPicture, SesVersion } from './es-seal.ts'

/** Input of {@link createEsSeal}. */
export interface EsSealInput {
  /** 4 by default. */
  version?: SesVersion
  /** Name of the seal, such as that of the body whose seal it is. */
  name: string
  /** Kind of seal; 1 by default. */
  type?: number
  /** esID; by default derived from what the seal says. */
  id?: string
  /** Vid of the header; `ZHICHENG` by default. */
  vendor?: string
  picture: SealPicture
  /** Certificates that may use the seal. */
  certificates: readonly Certificate[]
  /** The seal maker (制章人), with an SM2 key. */
  maker: Signer
  /** Adds a timestamp over the maker's signature; version 5 only. */
  timestamps?: TimestampSource
  createdAt: Date
  validFrom: Date
  validUntil: Date
}

/** Options of {@link createEsSeal}. */
export interface EsSealOptions {
  signal?: AbortSignal
}

/**
 * Makes a seal and returns its DER (Seal.esl). Throws `ERR_OFD_SEAL_INPUT` for input that makes no seal,
 * `ERR_OFD_SIGNER_ALGORITHM`, `ERR_OFD_SIGNER_KEY_USAGE`, `ERR_OFD_SIGNER_VALIDITY` and `ERR_OFD_SIGNER_OUTPUT` about the
 * maker.
 *
 * @example
 * ```ts
 * const seal = await createEsSeal({
 *   name: '样例市政务服务中心', picture: { type: 'png', data: png, width: 42, height: 42 }, certificates: [certificate],
 *   maker, createdAt: now, validFrom: now, validUntil: certificate.notAfter,
 * })
 * ```
 */
export async function createEsSeal(input: EsSealInput, options: EsSealOptions = {}): Promise<Uint8Array> {
  checkInput(input)
  const { version = 4, maker, timestamps } = input
  const info = formatInfo(input, version)
  const certificate = der.octetString(maker.certificateChain[0].der)
  const algorithm = der.oid(sm2Sm3Oid)
  const signedBytes = version === 1 ? der.sequence(info, certificate, algorithm) : info
  const signature = await signChecked(maker, signedBytes, { at: input.createdAt, ...options })
  const bits = der.bitString(signature)
  if (version === 1) return der.sequence(info, der.sequence(certificate, algorithm, bits))
  const token = timestamps && (await timestampField(timestamps, signature, options))
  return der.sequence(info, certificate, algorithm, bits, ...(token ? [token] : []))
}

function formatInfo(input: EsSealInput, version: SesVersion): Uint8Array {
  const { name, type = 1, vendor = 'ZHICHENG', picture, certificates } = input
  const time = version === 1 ? der.utcTime : der.generalizedTime
  const property = der.sequence(
    der.integer(type),
    der.utf8String(name),
    ...(version === 1 ? [] : [der.integer(1)]),
    der.sequence(...certificates.map((certificate) => der.octetString(certificate.der))),
    time(input.createdAt),
    time(input.validFrom),
    time(input.validUntil),
  )
  const image = der.sequence(
    der.ia5String(picture.type),
    der.octetString(picture.data),
    der.integer(picture.width),
    der.integer(picture.height),
  )
  const id = input.id ?? toHex(hash('sm3', property, image)).slice(0, 32)
  const header = der.sequence(der.ia5String('ES'), der.integer(version), der.ia5String(vendor))
  return der.sequence(header, der.ia5String(id), property, image)
}

function checkInput({ version = 4, ...input }: EsSealInput): void {
  const { name, id = '', vendor = '', type = 1, picture, certificates, createdAt, validFrom, validUntil } = input
  const sizes = [picture.width, picture.height]
  const dates = [createdAt, validFrom, validUntil]
  const problem = ![1, 4, 5].includes(version)
    ? 'the version is none of 1, 4 and 5'
    : name.trim() === '' || name.length > 200
      ? 'the name is empty or longer than 200 characters'
      : !isAscii(id) || !isAscii(vendor) || !isAscii(picture.type) || picture.type === ''
        ? 'identifier, vendor and type of picture take ASCII characters only'
        : !Number.isSafeInteger(type) || type < 0
          ? 'the type is no number from 0'
          : sizes.some((size) => !Number.isInteger(size) || size < 1 || size > 1000)
            ? 'the size of the picture is not given in whole millimetres from 1 to 1000'
            : picture.data.length === 0
              ? 'the picture is empty'
              : certificates.length === 0
                ? 'no certificate may use the seal'
                : dates.some((date) => Number.isNaN(date.getTime())) || validFrom >= validUntil
                  ? 'the validity does not end after it begins'
                  : input.timestamps && version !== 5
                    ? 'only version 5 has a place for a timestamp'
                    : version === 1 &&
                        dates.some((date) => date.getUTCFullYear() < 1950 || date.getUTCFullYear() > 2049)
                      ? 'version 1 writes dates from 1950 to 2049 only'
                      : undefined
  if (problem) throw ofdError('ERR_OFD_SEAL_INPUT', `The seal cannot be made: ${problem}.`)
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text)
}
