/** Reads the list of signatures (Signatures.xml) and their descriptions (Signature.xml), GB/T 33190, clause 18. */
import type { Finding } from '@zhicheng/core'
import { attribute, childElements, firstChild, textOf, type XmlElement } from '@zhicheng/formats'
import { parseClaimedTime } from '../../ofd/ses-signature.ts'
import { climbs, entryFile, type OfdPackage, resolveLocation } from './package.ts'

/** A file with digest that a signature protects. */
interface SignedReference {
  /** As written. */
  readonly fileRef: string
  readonly checkValue: string
}

/** One signature of the list, with what could be found of it. */
export interface ListedSignature {
  readonly id: string
  readonly type: 'Seal' | 'Sign'
  /** Identifier of the signature it builds on (GM/T 0099). */
  readonly relative?: string
  /** The list's own file. */
  readonly listFile: string
  /** Name of Signature.xml; absent when it is not there. */
  readonly descriptionFile?: string
  readonly description?: SignatureDescription
}

/** The content of a Signature.xml. */
export interface SignatureDescription {
  readonly provider: string
  readonly method?: string
  /** The time in the description; only a claim. */
  readonly claimedAt?: Date
  readonly checkMethod?: string
  readonly references: readonly SignedReference[]
  readonly stampIds: readonly string[]
  /** Name of the signature value; absent when it is not there. */
  readonly valueFile?: string
  /** Location of Seal.esl as written. */
  readonly sealLocation?: string
}

/** All signatures of a document. */
export interface SignatureLists {
  readonly signatures: readonly ListedSignature[]
  readonly findings: readonly Finding[]
}

/** Reads every list that OFD.xml names. Missing or broken parts become findings, or signatures without description. */
export async function readSignatures(ofd: OfdPackage, root: XmlElement): Promise<SignatureLists> {
  const findings: Finding[] = []
  const signatures: ListedSignature[] = []
  for (const body of childElements(root, 'DocBody')) {
    for (const element of childElements(body, 'Signatures')) {
      const file = locate(ofd, { holder: entryFile, location: textOf(element), findings })
      if (file) signatures.push(...(await readList(ofd, file, findings)))
      else findings.push(error('ERR_OFD_ENTRY_MISSING', 'OFD.xml names a list of signatures that is not there.'))
    }
  }
  return { signatures, findings }
}

/** The file a location means, with findings about what had to be forgiven. */
export function locate(
  ofd: OfdPackage,
  { holder, location, findings }: { holder: string; location: string; findings: Finding[] },
): string | undefined {
  const target = resolveLocation(holder, location)
  if (target === undefined) {
    findings.push(error('ERR_OFD_LOCATION', `${holder} holds a location that leads out of the package.`))
    return undefined
  }
  if (climbs(location)) findings.push(warning('OFD_LOCATION_CLIMBS', `${holder} holds a location with "..".`))
  const found = ofd.find(target)
  if (found?.forgiven) {
    findings.push(warning('OFD_LOCATION_CASE', `${holder} names ${target}; the file is called ${found.name}.`))
  }
  return found?.name
}

async function readList(ofd: OfdPackage, file: string, findings: Finding[]): Promise<ListedSignature[]> {
  const root = await ofd.readXml(file)
  const listed: ListedSignature[] = []
  for (const element of childElements(root, 'Signature')) {
    const id = attribute(element, 'ID') ?? ''
    const descriptionFile = locate(ofd, { holder: file, location: attribute(element, 'BaseLoc') ?? '', findings })
    const relative = attribute(element, 'Relative')
    const description = descriptionFile && (await readDescription(ofd, descriptionFile, findings))
    listed.push({
      id,
      type: attribute(element, 'Type') === 'Sign' ? 'Sign' : 'Seal',
      ...(relative === undefined ? {} : { relative }),
      listFile: file,
      ...(descriptionFile === undefined ? {} : { descriptionFile }),
      ...(description ? { description } : {}),
    })
  }
  const ids = listed.map(({ id }) => id)
  if (new Set(ids).size !== ids.length) {
    findings.push(error('ERR_OFD_MALFORMED', 'Two signatures of the list have the same identifier.'))
  }
  findings.push(...checkCounter(root, listed))
  return listed
}

/** MaxSignId counts signatures and stamps together, and stands twice in real files: a gap is worth a remark, no more. */
function checkCounter(root: XmlElement, listed: readonly ListedSignature[]): Finding[] {
  const counters = childElements(root, 'MaxSignId').map((element) => numberOf(textOf(element)))
  const used = listed.flatMap(({ id, description }) => [id, ...(description?.stampIds ?? [])]).map(numberOf)
  const findings: Finding[] = []
  if (counters.length > 1) findings.push(warning('OFD_COUNTER_REPEATED', 'MaxSignId stands more than once.'))
  const highest = Math.max(-1, ...counters)
  const needed = Math.max(-1, ...used)
  if (counters.length > 0 && highest !== needed) {
    findings.push(warning('OFD_COUNTER_GAP', `MaxSignId is ${highest}, the highest identifier in use ${needed}.`))
  }
  return findings
}

/** The number in an identifier such as `s003`, or -1. */
export function numberOf(id: string): number {
  const digits = /(\d{1,9})\s*$/.exec(id)?.[1]
  return digits === undefined ? -1 : Number(digits)
}

async function readDescription(
  ofd: OfdPackage,
  file: string,
  findings: Finding[],
): Promise<SignatureDescription | undefined> {
  const root = await ofd.readXml(file)
  const info = firstChild(root, 'SignedInfo')
  if (root.localName !== 'Signature' || !info) return undefined
  const text = (parent: XmlElement | undefined, name: string): string | undefined => {
    const element = parent && firstChild(parent, name)
    return element && textOf(element).trim()
  }
  const provider = firstChild(info, 'Provider')
  const references = firstChild(info, 'References')
  const checkMethod = references && attribute(references, 'CheckMethod')
  const method = text(info, 'SignatureMethod')
  const claimedAt = parseClaimedTime(text(info, 'SignatureDateTime') ?? '')
  const seal = firstChild(info, 'Seal')
  const sealLocation = text(seal, 'BaseLoc')
  const valueFile = locate(ofd, { holder: file, location: text(root, 'SignedValue') ?? '', findings })
  return {
    provider: (provider && attribute(provider, 'ProviderName')) ?? text(provider, 'ProviderName') ?? '',
    ...(method ? { method } : {}),
    ...(claimedAt ? { claimedAt } : {}),
    ...(checkMethod === undefined ? {} : { checkMethod }),
    references: (references ? childElements(references, 'Reference') : []).map((element) => ({
      fileRef: attribute(element, 'FileRef') ?? '',
      checkValue: text(element, 'CheckValue') ?? '',
    })),
    stampIds: childElements(info, 'StampAnnot').map((element) => attribute(element, 'ID') ?? ''),
    ...(valueFile === undefined ? {} : { valueFile }),
    ...(sealLocation === undefined ? {} : { sealLocation }),
  }
}

function warning(code: string, message: string): Finding {
  return { code, severity: 'warning', message }
}

function error(code: string, message: string): Finding {
  return { code, severity: 'error', message }
}
