/** Reads an electronic seal that a signer is about to use, and the place where it shall stand. */
import { equalBytes } from '@zhicheng/core'
import { hash, parseCertificate, type Signer, verifySignature } from '@zhicheng/crypto'
import { type EsSeal, parseEsSeal } from '@zhicheng/seal/ofd'
import { commandError } from '../errors.ts'
import { inFile, readUserFile } from './input-file.ts'
import { option } from './options.ts'
import type { VerbContext, VerbValues } from './verb.ts'

/** A place on a page, in the units of the format. */
export interface Box {
  page: number
  x: number
  y: number
  width: number
  height: number
}

/** Reads `--visible page,x,y,width,height`. */
export function readBox(values: VerbValues): Box | undefined {
  const text = option(values, 'visible')
  if (text === undefined) return undefined
  const match = /^([1-9]\d{0,5}),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(text)
  const [page = 0, x = 0, y = 0, width = 0, height = 0] = match?.slice(1).map(Number) ?? []
  if (width > 0 && height > 0) return { page, x, y, width, height }
  throw commandError('ERR_COMMAND_ARGUMENTS', '--visible takes page,x,y,width,height, such as 1,400,100,120,120.')
}

/**
 * Reads a seal and refuses one that is not the signer's, not its maker's or not valid now: a picture of somebody else's seal over one's own
 * signature deceives whoever looks at the page.
 */
export async function readSeal(context: VerbContext, path: string, signer: Signer): Promise<EsSeal> {
  const bytes = await readUserFile(context, path)
  const seal = await inFile(path, () => parseEsSeal(bytes))
  if (!isHolder(seal, signer)) {
    throw commandError(
      'ERR_COMMAND_FILE',
      `${path} does not list the certificate of the signer: the seal is not theirs to use.`,
    )
  }
  if (!(await inFile(path, () => isMade(seal)))) {
    throw commandError('ERR_COMMAND_FILE', `${path} is not signed by the maker it names: do not use this seal.`)
  }
  const now = Date.now()
  if (now + 1000 < seal.validFrom.getTime() || now > seal.validUntil.getTime()) {
    throw commandError('ERR_COMMAND_FILE', `${path} is not valid at this time; have a new seal made.`)
  }
  return seal
}

function isHolder({ holders }: EsSeal, { certificateChain }: Signer): boolean {
  const { der } = certificateChain[0]
  if (holders.kind === 'certificates') return holders.certificates.some((held) => equalBytes(held, der))
  return holders.digests.some(({ value }) => equalBytes(value, hash('sm3', der)))
}

function isMade({ maker }: EsSeal): Promise<boolean> {
  const { publicKey } = parseCertificate(maker.certificate)
  return verifySignature({
    algorithm: 'sm2-sm3',
    publicKey,
    message: maker.signedBytes,
    signature: maker.signature,
  })
}
