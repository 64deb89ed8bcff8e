/** Deposits the package file at a path. What `zhicheng archive deposit` does. */
import { basename, resolve } from 'node:path'
import { fileSource } from '@zhicheng/core/node'
import { bagInfoValues } from '../bag-info.ts'
import { type DepositOptions, type DepositResult, depositPackage } from '../deposit-package.ts'
import { archiveError } from '../errors.ts'
import { readBag } from '../lib/bag-reader.ts'
import { zipPackage } from '../zip-package.ts'

/** Options of {@link depositPath}: number and depositor are read from the package unless they are given. */
export type DepositPathOptions = Omit<DepositOptions, 'number' | 'depositor'> &
  Partial<Pick<DepositOptions, 'number' | 'depositor'>>

/**
 * Deposits a zip. The number (电子文件号) is `External-Identifier` of its bag-info, the depositor `Source-Organization`.
 *
 * @example
 * ```ts
 * const { receipt } = await depositPath('out/case.zip', { url: 'http://127.0.0.1:4600/archive' })
 * await writeFile('out/receipt.json', formatReceipt(receipt.receipt))
 * ```
 */
export async function depositPath(path: string, options: DepositPathOptions): Promise<DepositResult> {
  const full = resolve(path)
  const name = basename(full)
  const source = await fileSource(full)
  try {
    const bag = await readBag(await zipPackage(name, source).open(), { folder: false })
    const value = (label: string) => bagInfoValues(bag.info?.entries ?? [], label)[0]
    const number = options.number ?? value('External-Identifier') ?? bag.base
    const depositor = options.depositor ?? value('Source-Organization') ?? 'unnamed'
    if (number === '')
      throw archiveError('ERR_ARCHIVE_NOT_A_PACKAGE', `${name} does not say which case it is (电子文件号).`)
    return await depositPackage({ name, bytes: source }, { ...options, number, depositor })
  } finally {
    await source.close()
  }
}
