/** Sends an application: opens the case, uploads its materials, hands it in; a second try goes on where the first broke. */
import { callOperation, ZhichengError } from '@zhicheng/core'
import type { JsonValue } from '@zhicheng/formats'
import { createCase, readCases, submitCase, uploadMaterial } from './contract.ts'
import type { CheckedFile } from './files.ts'
import { problemOf } from './problem.ts'

/** What is to be sent. */
export interface Application {
  form: JsonValue
  /** By code of the material. */
  files: ReadonlyMap<string, CheckedFile>
}

/** How far an application has got. The page keeps it between two tries. */
export interface Draft {
  /** The form that the case was opened with, as text. */
  form?: string
  id?: string
  /** Files the server has, by code of the material. */
  uploaded: Map<string, File>
}

/** Where the sending is: `done` of `total` steps. */
export interface SendingProgress {
  text: string
  done: number
  total: number
}

/** Sends the application and returns the case's identifier. Throws a coded error; the draft then knows what is done. */
export async function sendApplication(
  { form, files }: Application,
  { draft, report }: { draft: Draft; report: (progress: SendingProgress) => void },
): Promise<string> {
  const total = files.size + 2
  report({ text: '正在保存申请信息…', done: 0, total })
  const caseId = await openCase({ form, files }, draft)
  let done = 1
  for (const [code, checked] of files) {
    report({ text: `正在上传“${checked.name}”…`, done, total })
    if (draft.uploaded.get(code) !== checked.file) await upload(checked, { id: caseId, code })
    draft.uploaded.set(code, checked.file)
    done += 1
  }
  report({ text: '正在提交申请…', done, total })
  await handIn(caseId)
  report({ text: '申请已提交，正在打开办件页面…', done: total, total })
  return caseId
}

// An open case can be neither changed nor emptied: another form, or a material taken back, needs a case of its own.
async function openCase({ form, files }: Application, draft: Draft): Promise<string> {
  const text = JSON.stringify(form)
  const takenBack = [...draft.uploaded.keys()].some((code) => !files.has(code))
  if (draft.id !== undefined && draft.form === text && !takenBack) return draft.id
  const { id } = await callOperation(createCase, { body: { form } }, { baseUrl: '' })
  draft.id = id
  draft.form = text
  draft.uploaded.clear()
  return id
}

async function upload({ file, mediaType, name }: CheckedFile, params: { id: string; code: string }): Promise<void> {
  const { digest } = await callOperation(
    uploadMaterial,
    { params, query: { name } },
    {
      baseUrl: '',
      headers: { 'content-type': mediaType },
      fetch: (address, options) => fetch(address, { ...options, body: file }),
    },
  )
  const own = await digestOf(file, digest.algorithm)
  if (own !== undefined && own !== digest.hex.toLowerCase())
    throw new ZhichengError('ERR_APP_UPLOAD_DIFFERS', `“${name}”上传后与本机文件不一致，请重新提交。`, {
      outcome: 'refused',
      facts: { status: 422 },
    })
}

// Browsers offer no SM3, and no digests at all on a plain-http intranet: then only the server's own check remains.
async function digestOf(file: File, algorithm: string): Promise<string | undefined> {
  const name = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' }[algorithm]
  if (!name || !globalThis.crypto?.subtle) return undefined
  const digest = new Uint8Array(await crypto.subtle.digest(name, await file.arrayBuffer()))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

// An answer that got lost must not lead to a second application: the applicant's list tells whether it went through.
async function handIn(caseId: string): Promise<void> {
  try {
    await callOperation(submitCase, { params: { id: caseId } }, { baseUrl: '' })
  } catch (error) {
    const { unknownOutcome, status } = problemOf(error)
    if (!unknownOutcome && status !== 409) throw error
    const { cases } = await callOperation(readCases, {}, { baseUrl: '' })
    if (!cases.some(({ id, caseNumber }) => id === caseId && caseNumber !== undefined)) throw error
  }
}
