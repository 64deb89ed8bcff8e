/** Recomputes the digest of every file that a signature protects. */
import { equalBytes, type Finding, fromBase64 } from '@zhicheng/core'
import { createHash } from '@zhicheng/crypto'
import { checkMethodOf } from './algorithms.ts'
import type { Assessment } from './assessment.ts'
import type { OfdPackage } from './package.ts'
import { type ListedSignature, locate, type SignatureDescription } from './signatures.ts'

/** The files a signature names, and whether all of them are as they were. */
export interface ReferenceResult {
  readonly named: ReadonlySet<string>
  readonly intact: boolean
}

/** Recomputes all digests. A signature whose digest is weak or unknown protects nothing. */
export async function checkReferences(
  ofd: OfdPackage,
  signature: ListedSignature & { descriptionFile: string; description: SignatureDescription },
  assessment: Assessment,
): Promise<ReferenceResult> {
  const { description, descriptionFile, listFile } = signature
  const named = new Set<string>()
  let intact = true
  const algorithm = checkMethodOf(description.checkMethod)
  if (algorithm === 'weak') {
    const stated = description.checkMethod ?? 'none, which means MD5'
    assessment.fail(
      'CRYPTO_CONSTRAINTS_FAILURE',
      'ERR_OFD_DIGEST_WEAK',
      `The files are protected by a digest that can be forged (${stated}).`,
    )
    return { named, intact: false }
  }
  if (algorithm === 'unknown') {
    assessment.fail(
      'FORMAT_FAILURE',
      'ERR_OFD_DIGEST_UNKNOWN',
      'The files are protected by a digest that is not known.',
    )
    return { named, intact: false }
  }
  if (description.references.length === 0) {
    assessment.fail('FORMAT_FAILURE', 'ERR_OFD_SIGNATURE_FORMAT', 'The signature protects no file at all.')
  }
  for (const { fileRef, checkValue } of description.references) {
    const name = locateReference(ofd, descriptionFile, fileRef, assessment)
    if (name === undefined) {
      intact = false
      assessment.fail(
        'HASH_FAILURE',
        'ERR_OFD_REFERENCE_MISSING',
        `A protected file is not there: ${fileRef.slice(0, 120)}.`,
      )
      continue
    }
    named.add(name)
    const expected = readDigest(checkValue)
    const digest = createHash(algorithm)
    for await (const chunk of ofd.archive.stream(name)) digest.update(chunk)
    if (expected && equalBytes(digest.digest(), expected)) continue
    intact = false
    if (name === listFile) {
      assessment.fail(
        'HASH_FAILURE',
        'ERR_OFD_SIGNED_AFTER_CLOSING',
        'The list of signatures changed, although this signature closed the document: another one was added or removed.',
      )
    } else {
      assessment.fail('HASH_FAILURE', 'ERR_OFD_DIGEST_MISMATCH', `The file ${name} is not the one that was signed.`)
    }
  }
  return { named, intact }
}

function locateReference(ofd: OfdPackage, holder: string, fileRef: string, assessment: Assessment): string | undefined {
  const findings: Finding[] = []
  const name = fileRef.split(/[\\/]/).includes('..') ? undefined : locate(ofd, { holder, location: fileRef, findings })
  assessment.note(...findings)
  if (name !== undefined && !fileRef.startsWith('/')) {
    assessment.note({
      code: 'OFD_REFERENCE_RELATIVE',
      severity: 'warning',
      message: 'A protected file is named by a relative path.',
    })
  }
  return name
}

function readDigest(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text)
  } catch {
    return undefined
  }
}
