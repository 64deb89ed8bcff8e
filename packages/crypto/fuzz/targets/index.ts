/** Every target there is. */
import type { Target } from '../target.ts'
import { certificateTarget, pathTarget } from './certificate.ts'
import { certificateListTarget } from './certificate-list.ts'
import { attachedTarget, detachedTarget } from './cms.ts'
import { derTarget } from './der.ts'
import { privateKeyTarget, publicKeyTarget, requestTarget } from './keys.ts'
import { pemTarget } from './pem.ts'
import { signatureTarget } from './signature.ts'
import { attributesTarget, listRulesTarget, pathRulesTarget, timestampContentTarget } from './signed-anew.ts'
import { timestampAnswerTarget, timestampRequestTarget, timestampTarget } from './timestamp.ts'

/** In the order in which they take turns. */
export const targets: readonly Target[] = [
  derTarget,
  certificateTarget,
  pathTarget,
  pathRulesTarget,
  certificateListTarget,
  listRulesTarget,
  detachedTarget,
  attachedTarget,
  attributesTarget,
  timestampTarget,
  timestampAnswerTarget,
  timestampContentTarget,
  timestampRequestTarget,
  publicKeyTarget,
  privateKeyTarget,
  requestTarget,
  signatureTarget,
  pemTarget,
]
