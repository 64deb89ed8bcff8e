/** Recomputes the digest of every file that a signature protects. */
import { equalBytes, type Finding, fromBase64 } from '@zhicheng/core'
import { createHash } from '@zhicheng/crypto'
import { checkMethodOf } from './algorithms.ts'
import type { Assessment } from './assessment.ts'
import type { OfdPackage } from './package.ts'
import { type ListedSignature, locate, type SignatureDescription } from './signatures.ts'

/** Checks all references and returns the names of the files whose digests hold. */
export async function checkReferences(
  ofd: OfdPackage,
  signature: ListedSignature & { descriptionFile: string; description: SignatureDescription },
  assessment: Assessment,
): Promise<Set<string>> {
  const { description, descriptionFile, listFile } = signature
  const covered = new Set<string>()
  const algorithm = checkMethodOf(description.checkMethod)
  if (algorithm === 'weak') {
    const stated = description.checkMethod ?? 'none, which means MD5'
    assessment.fail(
      'CRYPTO_CONSTRAINTS_FAILURE',
      'ERR_OFD_DIGEST_WEAK',
      `The files are protected by a digest that can be forged (${stated}).`,
    )
    return covered
  }
  if (algorithm === 'unknown') {
    assessment.fail(
      'FORMAT_FAILURE',
      'ERR_OFD_DIGEST_UNKNOWN',
      'The files are protected by a digest that is not known.',
    )
    return covered
  }
  if (description.references.length === 0) {
    assessment.fail('FORMAT_FAILURE', 'ERR_OFD_SIGNATURE_FORMAT', 'The signature protects no file at all.')
  }
  for (const { fileRef, checkValue } of description.references) {
    const name = locateReference(ofd, descriptionFile, fileRef, assessment)
    if (name === undefined) {
      assessment.fail(
        'HASH_FAILURE',
        'ERR_OFD_REFERENCE_MISSING',
        `A protected file is not there: ${fileRef.slice(0, 120)}.`,
      )
      continue
    }
    const expected = readDigest(checkValue)
    const digest = createHash(algorithm)
    for await (const chunk of ofd.archive.stream(name)) digest.update(chunk)
    if (expected && equalBytes(digest.digest(), expected)) covered.add(name)
    else if (name === listFile) {
      assessment.fail(
        'HASH_FAILURE',
        'ERR_OFD_SIGNED_AFTER_CLOSING',
        'The list of signatures changed, although this signature closed the document: another one was added or removed.',
      )
    } else {
      assessment.fail('HASH_FAILURE', 'ERR_OFD_DIGEST_MISMATCH', `The file ${name} is not the one that was signed.`)
    }
  }
  return covered
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
