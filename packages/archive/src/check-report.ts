/** The report of a four-property check (四性检测): one record for every check of every object, whatever came of it. */
import type { CheckStatus } from '@zhicheng/core'

/** The four properties: 真实性, 完整性, 可用性, 安全性. */
export type CheckProperty = 'authenticity' | 'integrity' | 'usability' | 'security'

/** When a package is checked: 归档 (before it is handed over), 移交与接收 (on arrival), 长期保存. */
export type CheckStage = 'archiving' | 'transfer' | 'preservation'

/** What becomes of the package: taken, sent back, or decided by a person. */
export type PackageVerdict = 'accepted' | 'returned' | 'manual'

/** The checks there are; the part before the dot is the property. */
export type CheckId =
  | 'authenticity.tag-files'
  | 'authenticity.package-signature'
  | 'authenticity.seal'
  | 'authenticity.identifier'
  | 'authenticity.metadata-values'
  | 'authenticity.attributes'
  | 'integrity.declaration'
  | 'integrity.manifests'
  | 'integrity.completeness'
  | 'integrity.digest'
  | 'integrity.oxum'
  | 'integrity.bag-info'
  | 'integrity.fetch'
  | 'integrity.sm3'
  | 'integrity.metadata-required'
  | 'integrity.file-count'
  | 'integrity.process'
  | 'usability.container'
  | 'usability.metadata'
  | 'usability.format'
  | 'usability.readable'
  | 'security.names'
  | 'security.collisions'
  | 'security.links'
  | 'security.limits'
  | 'security.encryption'
  | 'security.executable'
  | 'security.virus'

/** What came of one check of one object. */
export interface CheckRecord {
  id: CheckId
  property: CheckProperty
  status: CheckStatus
  /** Path inside the package, or the package's own name. */
  object: string
  /** What was seen. */
  evidence: string
  /** What to do about it; empty when nothing is to be done. */
  remedy: string
  /** `OK`, a `WARN_…` remark, or the `ERR_…` of what is wrong or open. */
  code: string
}

/** Everything that was found about a package. */
export interface CheckReport {
  /** Name of the file or folder. */
  package: string
  format: 'bag' | 'zip'
  profile: string
  stage: CheckStage
  verdict: PackageVerdict
  checks: CheckRecord[]
}
