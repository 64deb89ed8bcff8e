/** What a profile (归档配置) is made of: the checks of a package, its layout and its metadata. Data, not logic, for the standards move. */
import type { CheckId, CheckStage } from './check-report.ts'

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
