/** Reads keys, chains and trust folders the way every verb of the command line names them. */
import { readdir } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { fromUtf8 } from '@zhicheng/core'
import {
  type Certificate,
  type CertificateList,
  parseCertificateList,
  parseCertificates,
  pemSigner,
  pkcs12Signer,
  type Signer,
} from '@zhicheng/crypto'
import { commandError, readUserFile, reasonOf, type VerbContext } from './verb.ts'

/** A signer from a key file and a chain file, or from a PKCS#12 file that holds both. */
export async function readSigner(
  context: VerbContext,
  { key, chain, passwordFile }: { key: string; chain: string | undefined; passwordFile: string | undefined },
): Promise<Signer> {
  const bytes = await readUserFile(context, key)
  const password = passwordFile ? fromUtf8(await readUserFile(context, passwordFile)).replace(/\r?\n$/, '') : undefined
  if (['.p12', '.pfx'].includes(extname(key).toLowerCase())) {
    return pkcs12Signer({ file: bytes, password: password ?? '' })
  }
  if (!chain)
    throw commandError(
      'ERR_COMMAND_ARGUMENTS',
      'The option --chain is missing: the certificate of the key, then its issuers.',
    )
  return pemSigner({
    key: bytes,
    certificateChain: await readUserFile(context, chain),
    ...(password === undefined ? {} : { password }),
  })
}

/** Every certificate in the files of a folder (`.pem`, `.crt`, `.cer`, `.der`). */
export async function readTrustFolder(context: VerbContext, path: string): Promise<Certificate[]> {
  let names: string[]
  try {
    names = (await readdir(resolve(context.folder, path))).sort()
  } catch (cause) {
    throw commandError('ERR_COMMAND_FILE', `Cannot read the folder ${path}: ${reasonOf(cause)}.`, cause)
  }
  const certificates: Certificate[] = []
  for (const name of names) {
    if (!['.pem', '.crt', '.cer', '.der'].includes(extname(name).toLowerCase())) continue
    certificates.push(...parseCertificates(await readUserFile(context, join(path, name))))
  }
  if (certificates.length === 0)
    throw commandError('ERR_COMMAND_FILE', `The folder ${path} holds no certificate (.pem, .crt, .cer, .der).`)
  return certificates
}

/** Revocation lists from files, DER or PEM. */
export async function readCertificateLists(context: VerbContext, paths: readonly string[]): Promise<CertificateList[]> {
  return Promise.all(paths.map(async (path) => parseCertificateList(await readUserFile(context, path))))
}
