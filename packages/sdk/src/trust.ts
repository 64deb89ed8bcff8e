/** Trusted certificates from a folder, and revocation lists from files or from where the authorities publish them. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { type Clock, composePolicies, fetchTransport, retryPolicy, systemClock, timeoutPolicy } from '@zhicheng/core'
import { type Certificate, type CertificateList, parseCertificateList, parseCertificates } from '@zhicheng/crypto'
import { supportError } from './errors.ts'

const certificateFiles = new Set(['.pem', '.crt', '.cer', '.der'])

/**
 * Every certificate in the files of a folder (`.pem`, `.crt`, `.cer`, `.der`). Throws `ERR_SUPPORT_TRUST` when the folder
 * cannot be read or holds none: an empty trust store would make every chain untrusted without a word.
 *
 * @example
 * ```ts
 * const trust = await trustDirectory('./trust')
 * ```
 */
export async function trustDirectory(folder: string): Promise<Certificate[]> {
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => certificateFiles.has(extname(name).toLowerCase())).sort()
  } catch (cause) {
    throw supportError('ERR_SUPPORT_TRUST', `The folder ${folder} of trusted certificates cannot be read.`, { cause })
  }
  const certificates = await Promise.all(
    names.map(async (name) => parseCertificates(await readFile(join(folder, name)))),
  )
  if (certificates.flat().length === 0) {
    throw supportError('ERR_SUPPORT_TRUST', `The folder ${folder} holds no certificate (.pem, .crt, .cer, .der).`)
  }
  return certificates.flat()
}

/** Gives the revocation lists that are in force. */
export interface RevocationListSource {
  lists(options?: { signal?: AbortSignal }): Promise<CertificateList[]>
}

/** Options of {@link downloadedLists}. */
export interface DownloadedListsOptions {
  fetch?: typeof globalThis.fetch
  clock?: Clock
}

/**
 * Lists from the addresses at which the authorities publish them, kept until their next update. A list that cannot be had
 * throws `ERR_SUPPORT_REVOCATION_LIST`; its signature is checked where it is used.
 *
 * @example
 * ```ts
 * const revocationLists = downloadedLists(['https://ca.example.gov.cn/ca.crl'])
 * ```
 */
export function downloadedLists(
  urls: readonly string[],
  { fetch = globalThis.fetch, clock = systemClock }: DownloadedListsOptions = {},
): RevocationListSource {
  const send = composePolicies(
    [retryPolicy({ clock }), timeoutPolicy(15_000)],
    fetchTransport({ fetch, maxBytes: 67_108_864 }),
  )
  const kept = new Map<string, CertificateList>()

  async function download(url: string, signal: AbortSignal | undefined): Promise<CertificateList> {
    const known = kept.get(url)
    if (known?.nextUpdate && known.nextUpdate > clock.now()) return known
    const { status, body } = await send({
      operation: 'revocation-list.download',
      method: 'GET',
      url,
      headers: {},
      idempotent: true,
      ...(signal ? { signal } : {}),
    })
    if (status !== 200) {
      throw supportError('ERR_SUPPORT_REVOCATION_LIST', `The revocation list was answered with status ${status}.`, {
        retryable: true,
        facts: { url },
      })
    }
    const list = parseCertificateList(body)
    kept.set(url, list)
    return list
  }

  return { lists: ({ signal } = {}) => Promise.all(urls.map((url) => download(url, signal))) }
}
