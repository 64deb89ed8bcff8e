/** Profiles: which checks a package has to pass and what its metadata has to hold. Data, not logic, for the standards move. */
import type { CheckId, CheckStage } from './check-report.ts'
import { bagitProfile } from './profiles/bagit.ts'
import { gbt42727Profile } from './profiles/gbt42727-2023.ts'

/** One item of the base metadata (基本信息元数据). */
export interface MetadataElement {
  /** Tag in the XML. */
  tag: string
  /** Chinese label in `title`. */
  title: string
  required: boolean
  maxLength: number
  /** What the value has to look like; anything when left out. */
  pattern?: RegExp
}

/** One material class and the folder that holds it. */
export interface MaterialFolder {
  kind: 'application' | 'materials' | 'process' | 'result' | 'payment'
  /** Name of the folder under `data/`. */
  name: string
  title: string
}

/** Extra layout of a case package, over that of a bag. */
export interface CaseLayout {
  baseInfo: string
  processInfo: string
  sm3List: string
  elements: readonly MetadataElement[]
  folders: readonly MaterialFolder[]
}

/** A profile. */
export interface ArchiveProfile {
  id: string
  /** Checks in the order of the report. Each is done for every object it applies to. */
  checks: readonly CheckId[]
  /** Checks that may stay undone at a stage without holding the package up; they still say `not-checked`. */
  optional: Readonly<Record<CheckStage, readonly CheckId[]>>
  layout?: CaseLayout
  /** Numbers of DA/T 70-2018 by check, for exports. @unverified against the printed standard. */
  codes: Readonly<Partial<Record<CheckId, string>>>
}

/** Names of the profiles there are. */
export type ProfileId = 'bagit' | 'gbt42727-2023'

/** The profiles by name. */
export const archiveProfiles: Readonly<Record<ProfileId, ArchiveProfile>> = {
  bagit: bagitProfile,
  'gbt42727-2023': gbt42727Profile,
}

/** The profile that a package claims in its bag-info (`Zhicheng-Profile`), or plain `bagit`. */
export function profileOf(claimed: string | undefined): ArchiveProfile {
  return claimed !== undefined && Object.hasOwn(archiveProfiles, claimed)
    ? archiveProfiles[claimed as ProfileId]
    : bagitProfile
}
