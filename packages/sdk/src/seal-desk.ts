/** Signing and verifying with the keys, seals, trust and timestamps of the configuration, by their names. */
import type { ByteSource, Clock } from '@zhicheng/core'
import type { Certificate, Signer, TimestampSource } from '@zhicheng/crypto'
import { sniffFileType } from '@zhicheng/formats'
import { type SignOfdInput, signOfd, verifyOfd } from '@zhicheng/seal/ofd'
import { type SignPdfOptions, signPdf, verifyPdf } from '@zhicheng/seal/pdf'
import type { VerificationReport } from '@zhicheng/seal/wire'
import { supportError } from './errors.ts'
import type { RevocationListSource } from './trust.ts'

/** What the desk works with. */
export interface SealDeskOptions {
  signers: Readonly<Record<string, Signer>>
  /** Electronic seals (SES) by name. */
  seals: Readonly<Record<string, Uint8Array>>
  trust: readonly Certificate[]
  /** Makers whose seals are accepted; without them any maker under a trusted root is. */
  sealMakers?: readonly Certificate[]
  revocationLists?: RevocationListSource
  timestamps?: TimestampSource
  clock: Clock
}

/** Options of signing a PDF, with the signer by its name in the configuration. */
export type SignPdfByName = Omit<SignPdfOptions, 'signer' | 'timestamps' | 'clock'> & { signer: string }

/** Options of sealing an OFD, with signer and seal by their names in the configuration. */
export type SignOfdByName = Omit<SignOfdInput, 'signer' | 'seal' | 'clock'> & { signer: string; seal: string }

/** Signs and verifies documents. */
export interface SealDesk {
  readonly pdf: {
    sign(input: Uint8Array | ByteSource, options: SignPdfByName): Promise<Uint8Array>
    verify(input: Uint8Array | ByteSource, options?: { file?: string; at?: Date }): Promise<VerificationReport>
  }
  readonly ofd: {
    sign(input: Uint8Array, options: SignOfdByName): Promise<Uint8Array>
    verify(input: Uint8Array | ByteSource, options?: { file?: string; at?: Date }): Promise<VerificationReport>
  }
  /** Verifies a PDF or an OFD, told apart by their bytes. */
  verify(input: Uint8Array, options?: { file?: string; at?: Date }): Promise<VerificationReport>
}

/** Makes the desk. */
export function createSealDesk({
  signers,
  seals,
  trust,
  sealMakers,
  revocationLists,
  timestamps,
  clock,
}: SealDeskOptions): SealDesk {
  const named = <Value>(values: Readonly<Record<string, Value>>, kind: string, name: string): Value => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value !== undefined) return value
    const known = Object.keys(values).join(', ') || 'none'
    throw supportError(
      'ERR_SUPPORT_SIGNER_UNKNOWN',
      `There is no ${kind} "${name}" in the configuration; there is: ${known}.`,
    )
  }
  const verification = async (options: { file?: string; at?: Date }) => ({
    ...options,
    trust,
    crls: (await revocationLists?.lists()) ?? [],
    at: options.at ?? clock.now(),
  })
  const desk: SealDesk = {
    pdf: {
      sign: (input, { signer, ...options }) =>
        signPdf(input, {
          ...options,
          signer: named(signers, 'signer', signer),
          clock,
          ...(timestamps ? { timestamps } : {}),
        }),
      verify: async (input, options = {}) => verifyPdf(input, await verification(options)),
    },
    ofd: {
      sign: (input, { signer, seal, ...options }) =>
        signOfd(input, {
          ...options,
          signer: named(signers, 'signer', signer),
          seal: named(seals, 'seal', seal),
          clock,
        }),
      verify: async (input, options = {}) =>
        verifyOfd(input, { ...(await verification(options)), ...(sealMakers ? { makers: sealMakers } : {}) }),
    },
    verify: (input, options = {}) =>
      sniffFileType(input.subarray(0, 4096)) === 'pdf'
        ? desk.pdf.verify(input, options)
        : desk.ofd.verify(input, options),
  }
  return desk
}
