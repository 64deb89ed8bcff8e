/** Verifies seals in deposited packages against the sandbox's own authorities and their revocation lists. */
import type { DocumentVerifier } from '@zhicheng/archive'
import { parseCertificateList } from '@zhicheng/crypto'
import { verifyOfd } from '@zhicheng/seal/ofd'
import { verifyPdf } from '@zhicheng/seal/pdf'
import type { FaceContext } from '../face.ts'
import type { SandboxKeys } from './keys.ts'

/** What an archive knows about signatures: whom it trusts, and what was revoked until now. */
export function documentVerifier({ clock }: FaceContext, { authorities }: SandboxKeys): DocumentVerifier {
  const all = Object.values(authorities)
  return async (file, bytes) => {
    const options = {
      file,
      trust: all.map(({ certificate }) => certificate),
      crls: await Promise.all(all.map(async (authority) => parseCertificateList(await authority.currentCrl()))),
      at: clock.now(),
    }
    return /\.ofd$/i.test(file) ? verifyOfd(bytes, options) : verifyPdf(bytes, options)
  }
}
