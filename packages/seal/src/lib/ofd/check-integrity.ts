/** Verifies the integrity list of GM/T 0099 (OFDEntries.xml): which files there are, though not what is in them. */
import { childElements, firstChild, textOf } from '@zhicheng/formats'
import type { SignatureReport } from '../../report.ts'
import { createAssessment } from './assessment.ts'
import type { TrustMaterial } from './check-certificate.ts'
import { checkCmsValue } from './check-cms.ts'
import { emptyValue } from './check-ses.ts'
import type { OfdPackage } from './package.ts'
import { locate } from './signatures.ts'

/** The file of the list, always at the root. */
export const integrityFile = 'OFDEntries.xml'

/** The list's files, for the coverage of other signatures; empty without a list. */
export async function integrityFilesOf(ofd: OfdPackage): Promise<ReadonlySet<string>> {
  if (!ofd.files.has(integrityFile)) return new Set()
  const value = await valueFileOf(ofd)
  return new Set([integrityFile, ...(value === undefined ? [] : [value])])
}

async function valueFileOf(ofd: OfdPackage): Promise<string | undefined> {
  const location = firstChild(await ofd.readXml(integrityFile), 'SignedValueLoc')
  return location && locate(ofd, { holder: integrityFile, location: textOf(location), findings: [] })
}

/** Checks the list against the package, and its signature. `alone`: nothing else protects what is in the files. */
export async function checkIntegrity(
  ofd: OfdPackage,
  { material, alone }: { material: TrustMaterial; alone: boolean },
): Promise<SignatureReport> {
  const assessment = createAssessment()
  const root = await ofd.readXml(integrityFile)
  const valueFile = await valueFileOf(ofd)
  const list = firstChild(root, 'FileList')
  const listed = new Set<string>()
  for (const element of list ? childElements(list, 'File') : []) {
    const location = element.attributes.get('FileLoc') ?? textOf(element)
    const name = locate(ofd, { holder: integrityFile, location, findings: [] })
    if (name === undefined) {
      assessment.fail(
        'SIG_CONSTRAINTS_FAILURE',
        'ERR_OFD_INTEGRITY_LIST',
        `A listed file is not there: ${location.slice(0, 120)}.`,
      )
    } else listed.add(name)
  }
  for (const name of ofd.files.keys()) {
    if (listed.has(name) || name === integrityFile || name === valueFile) continue
    assessment.fail(
      'SIG_CONSTRAINTS_FAILURE',
      'ERR_OFD_INTEGRITY_LIST',
      `${name} is in the package but not in the integrity list.`,
    )
  }
  const value = valueFile === undefined ? undefined : await ofd.read(valueFile)
  if (!value)
    assessment.fail('FORMAT_FAILURE', 'ERR_OFD_ENTRY_MISSING', 'The signature of the integrity list is not there.')
  const report = value
    ? await checkCmsValue(value, {
        content: await ofd.read(integrityFile),
        claimed: undefined,
        name: integrityFile,
        material,
        assessment,
      })
    : { ...emptyValue, name: integrityFile, level: 'GBT35275' as const }
  const message = 'The integrity list protects which files there are, not what is in them.'
  if (alone) assessment.doubt('SIG_CONSTRAINTS_FAILURE', 'OFD_INTEGRITY_NAMES_ONLY', message)
  else assessment.note({ code: 'OFD_INTEGRITY_NAMES_ONLY', severity: 'info', message })
  const { verdict, subIndication, findings } = assessment.conclude()
  return {
    id: integrityFile,
    kind: 'integrity',
    verdict,
    subIndication,
    ...report,
    coverage: 'partial',
    changes: { level: 'not-checked', findings: [] },
    findings,
  }
}
