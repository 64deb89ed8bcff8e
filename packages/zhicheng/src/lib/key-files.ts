/** Reads keys, chains, trust folders, revocation lists and OCSP responses the way every verb of the command line names them. */
import { extname, resolve } from 'node:path'
import { fromUtf8, isZhichengError, type Secret, secret } from '@zhicheng/core'
import {
  type Certificate,
  type CertificateList,
  type OcspResponse,
  parseCertificateList,
  parseCertificates,
  parseOcspResponse,
  pemSigner,
  pkcs12Signer,
  type Signer,
} from '@zhicheng/crypto'
import { commandError } from '../errors.ts'
import { inFile, readUserFile, reasonOf } from './input-file.ts'
import { option, requiredOption } from './options.ts'
import type { VerbContext, VerbValues } from './verb.ts'

const maxKeyBytes = 1_048_576

/** The options that name a signer; `prefix` stands before `key` and `chain`. */
export interface SignerOptions {
  prefix?: 'maker-'
}

/** A signer from a key file and a chain file, or from a PKCS#12 file (.p12, .pfx) that holds both. */
export async function readSigner(
  context: VerbContext,
  values: VerbValues,
  { prefix }: SignerOptions = {},
): Promise<Signer> {
  const path = requiredOption(values, `${prefix ?? ''}key`)
  const chain = option(values, `${prefix ?? ''}chain`)
  const key = await readUserFile(context, path, { maxBytes: maxKeyBytes })
  const password = await readPassword(context, option(values, 'key-password-file'))
  if (['.p12', '.pfx'].includes(extname(path).toLowerCase())) {
    return inFile(path, () => pkcs12Signer({ file: key, password: password ?? '' }))
  }
  if (chain === undefined) {
    throw commandError(
      'ERR_COMMAND_ARGUMENTS',
      `The option --${prefix ?? ''}chain is missing: the certificate of the key, then its issuers.`,
    )
  }
  const certificates = await readCertificates(context, chain)
  return inFile(path, () =>
    pemSigner({ key, certificateChain: certificates, ...(password === undefined ? {} : { password }) }),
  )
}

async function readPassword(context: VerbContext, path: string | undefined): Promise<Secret<string> | undefined> {
  if (path === undefined) return undefined
  const bytes = await readUserFile(context, path, { maxBytes: 4096 })
  // Editors end a file with a line break that is no part of the password.
  return secret(fromUtf8(bytes).replace(/\r?\n$/, ''))
}

/** The certificates of one file, PEM or DER; at least one. */
export async function readCertificates(context: VerbContext, path: string): Promise<Certificate[]> {
  const bytes = await readUserFile(context, path)
  return inFile(path, () => parseCertificates(bytes))
}

/** Every certificate in the files of a folder (`.pem`, `.crt`, `.cer`, `.der`). */
export async function readTrustFolder(context: VerbContext, path: string): Promise<Certificate[]> {
  const { trustDirectory } = await import('@zhicheng/sdk')
  try {
    return await inFile(path, () => trustDirectory(resolve(context.folder, path)))
  } catch (cause) {
    if (isZhichengError(cause)) throw cause
    throw commandError('ERR_COMMAND_FILE', `Cannot read the files of the folder ${path}: ${reasonOf(cause)}.`, cause)
  }
}

/** Revocation lists from files, DER or PEM. */
export async function readCertificateLists(context: VerbContext, paths: readonly string[]): Promise<CertificateList[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = await readUserFile(context, path, { maxBytes: 67_108_864 })
      return inFile(path, () => parseCertificateList(bytes))
    }),
  )
}

/** OCSP responses from files, DER as a responder sends them. */
export async function readOcspResponses(context: VerbContext, paths: readonly string[]): Promise<OcspResponse[]> {
  return Promise.all(
    paths.map(async (path) => {
      const bytes = await readUserFile(context, path, { maxBytes: 1_048_576 })
      return inFile(path, () => parseOcspResponse(bytes))
    }),
  )
}
