/** What applicants do: draft, hand in, supplement, rate. */
import { formatDay } from '@zhicheng/core'
import type { JsonValue } from '@zhicheng/formats'
import type { Case } from '../case.ts'
import { type Actor, type Applicant, hashJson, type Material } from '../case-events.ts'
import { intakeError } from '../errors.ts'
import { type FormProblem, validateForm } from '../form.ts'
import { checkMaterial, type MaterialInput, materialKey } from '../materials.ts'
import type { ServiceItem } from '../service-item.ts'
import type { RatingLevel } from '../wire.ts'
import {
  beginLog,
  type CaseLog,
  type ChangeOptions,
  changeCase,
  collections,
  type Engine,
  keepForm,
  loadCase,
  openLog,
  takeCaseNumber,
} from './case-log.ts'
import { copyPlainJson, formLimits } from './plain-json.ts'
import { checkText } from './text.ts'

/** Input of a draft. */
export interface CreateDraftInput {
  applicant: Applicant
  /** Code of a configured item. */
  itemCode: string
  /** The form as far as it is filled; checked against the schema only at the submission. */
  form: unknown
  /** Your own number of the draft: the same key with the same content answers the same case, with other content it is refused. */
  key?: string
}

const mostMaterialEvents = 300
const system: Actor = { kind: 'system', id: 'intake' }

/** Makes the draft. */
export function createDraft(engine: Engine, { applicant, itemCode, form, key }: CreateDraftInput): Promise<Case> {
  const { issuer, id, name } = applicant
  checkText('applicant.issuer', issuer, 128)
  checkText('applicant.id', id, 128)
  checkText('applicant.name', name, 120)
  if (key !== undefined) checkText('key', key, 200)
  const item = engine.item(itemCode)
  const copied = copyPlainJson(form, formLimits)
  if ('problem' in copied) throw formInvalid([{ path: '', rule: `limit:${copied.problem}` }])
  return engine.store.transaction((tx) => {
    const caseId = engine.createId()
    const content = JSON.stringify([issuer, id, name, itemCode, hashJson(copied.value)])
    if (key !== undefined) {
      const before = tx.get<{ caseId: string; content: string }>(collections.keys, key)
      if (before?.content === content) return loadCase(tx, before.caseId)
      if (before) {
        throw intakeError('ERR_INTAKE_KEY_REUSED', 'A draft with other content was made under this key; use a new key.')
      }
      tx.insert(collections.keys, key, { caseId, content })
    }
    const formDigest = keepForm(tx, caseId, copied.value)
    const data = { applicant: { issuer, id, name }, itemCode, itemVersion: item.version, formDigest }
    return beginLog(tx, engine, { caseId, data, source: { actor: actorOf(data.applicant) } }).state
  })
}

/** Takes a material in; the content is kept before the case says that it is there. */
export async function addMaterial(
  engine: Engine,
  caseId: string,
  { ifSequence, ...input }: MaterialInput & ChangeOptions,
): Promise<Material> {
  const before = await engine.store.read((view) => loadCase(view, caseId))
  const requirement = engine.item(before.itemCode).materials.find(({ code }) => code === input.code)
  if (!requirement) throw intakeError('ERR_INTAKE_MATERIAL_UNKNOWN', 'The checklist of the item has no such material.')
  // The bytes are the caller's and could change while we wait.
  const content = input.content.slice()
  await checkMaterial({ ...input, content }, requirement)
  const digest = materialKey(content)
  assertTakesMaterials(before)
  await engine.materials.put(digest, content)
  let taken: Material | undefined
  await changeCase(engine, caseId, {
    ...(ifSequence === undefined ? {} : { ifSequence }),
    work(log) {
      const { materials, sequence, applicant } = log.state
      const same = materials.filter(({ code }) => code === input.code)
      taken = same.find((material) => material.digest.hex === digest)
      if (taken) return
      assertTakesMaterials(log.state)
      const { maxFiles = 1 } = requirement
      if ((maxFiles > 1 && same.length >= maxFiles) || sequence > mostMaterialEvents) {
        throw intakeError('ERR_INTAKE_MATERIAL_COUNT', 'The case takes no further file of this material.', {
          facts: { material: input.code, maxFiles },
        })
      }
      const material: Material = {
        id: `m-${sequence + 1}`,
        code: input.code,
        name: input.name,
        mediaType: input.mediaType,
        size: content.length,
        digest: { algorithm: 'sha256', hex: digest },
      }
      const replaces = maxFiles === 1 ? same[0]?.id : undefined
      log.add('materialAdded', { material, ...(replaces ? { replaces } : {}) }, { actor: actorOf(applicant) })
      taken = material
    },
  })
  return taken!
}

/** Submits: the same form again answers the case as it stands by then, under the number it has. */
export function submit(
  engine: Engine,
  caseId: string,
  { form, ...options }: { form: unknown } & ChangeOptions,
): Promise<Case> {
  return engine.store.transaction((tx) => {
    const log = openLog(tx, engine, caseId)
    const item = engine.item(log.state.itemCode)
    const formDigest = keepForm(tx, caseId, checkForm(item, form))
    if (log.state.caseNumber !== undefined && log.state.formDigest === formDigest) return log.state
    assertSequence(log, options)
    log.expect('submitted')
    assertComplete(log, item)
    log.add('submitted', { formDigest }, { actor: actorOf(log.state.applicant) })
    const caseNumber = takeCaseNumber(tx, { implementationCode: item.code, day: formatDay(engine.clock.now()) })
    log.add('received', { caseNumber }, { actor: system })
    return log.state
  })
}

/** Hands in what was asked for; without a form the old one stands. */
export function supplement(
  engine: Engine,
  caseId: string,
  { form, ...options }: { form?: unknown } & ChangeOptions,
): Promise<Case> {
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      log.expect('supplemented')
      const item = engine.item(log.state.itemCode)
      const formDigest = form === undefined ? log.state.formDigest : keepForm(log.tx, caseId, checkForm(item, form))
      assertComplete(log, item)
      log.add('supplemented', { formDigest }, { actor: actorOf(log.state.applicant) })
    },
  })
}

/** Rates a finished case, once. */
export function rate(
  engine: Engine,
  caseId: string,
  { level, comment, ...options }: { level: RatingLevel; comment?: string } & ChangeOptions,
): Promise<Case> {
  if (![1, 2, 3, 4, 5].includes(level)) {
    throw intakeError('ERR_INTAKE_INPUT_INVALID', 'A rating is 1 to 5.', { facts: { field: 'level' } })
  }
  if (comment !== undefined) checkText('comment', comment, 500)
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      if (log.state.rating) {
        throw intakeError('ERR_INTAKE_STEP_REFUSED', 'The case was rated before; a rating is given once.', {
          facts: { caseId, event: 'rated' },
        })
      }
      log.add(
        'rated',
        { level, ...(comment === undefined ? {} : { comment }) },
        { actor: actorOf(log.state.applicant) },
      )
    },
  })
}

function checkForm(item: ServiceItem, form: unknown): JsonValue {
  const check = validateForm(item, form)
  if (!check.valid) throw formInvalid(check.problems)
  return check.form
}

function formInvalid(problems: readonly FormProblem[]): Error {
  const places = problems.slice(0, 5).map(({ path, rule }) => `${path || '(whole)'} (${rule})`)
  return intakeError('ERR_INTAKE_FORM_INVALID', `The form does not meet its rules: ${places.join(', ')}.`, {
    facts: { problems },
  })
}

function assertComplete({ state }: CaseLog, item: ServiceItem): void {
  const given = new Set(state.materials.map(({ code }) => code))
  const missing = item.materials.filter(({ code, required }) => required && !given.has(code)).map(({ code }) => code)
  if (missing.length > 0) {
    throw intakeError('ERR_INTAKE_MATERIAL_MISSING', `Required materials are missing: ${missing.join(', ')}.`, {
      facts: { materials: missing },
    })
  }
}

function assertTakesMaterials({ status, id }: Case): void {
  if (status === 'draft' || status === 'supplementing' || status === 'suspended') return
  throw intakeError('ERR_INTAKE_STEP_REFUSED', `In the status "${status}" a case takes no materials.`, {
    facts: { caseId: id, status, event: 'materialAdded' },
  })
}

function assertSequence({ state }: CaseLog, { ifSequence }: ChangeOptions): void {
  if (ifSequence === undefined || ifSequence === state.sequence) return
  throw intakeError('ERR_INTAKE_CASE_CONFLICT', 'The case went on since it was read; read it again.', {
    facts: { caseId: state.id, sequence: state.sequence },
  })
}

function actorOf({ issuer, id, name }: Applicant): Actor {
  return { kind: 'applicant', id: JSON.stringify([issuer, id]), name }
}
