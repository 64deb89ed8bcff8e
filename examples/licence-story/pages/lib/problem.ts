/** Says in Chinese what went wrong with a request, and what to do now. */
import { isZhichengError } from '@zhicheng/core'

/** A failure as a page shows it. */
export interface Problem {
  text: string
  /** HTTP status; absent when no answer came. */
  status?: number
  /** Code to name when asking for help. */
  code?: string
  /** True when nobody knows whether the server did what was asked. */
  unknownOutcome: boolean
}

const texts: Readonly<Record<number, string>> = {
  400: '提交的内容没有通过检查，请核对后再试。',
  401: '登录已失效，请重新登录。',
  403: '当前账号没有这项权限。',
  404: '没有找到所要的内容。',
  409: '办件状态已经变化，请查看最新状态后再操作。',
  413: '文件太大，没有上传成功。',
  415: '文件格式不受支持。',
  422: '提交的内容没有通过检查，请核对后再试。',
  429: '操作过于频繁，请稍后再试。',
}

/** Turns whatever was thrown into a {@link Problem}. A Chinese message of the server is kept, any other is replaced. */
export function problemOf(error: unknown): Problem {
  if (!isZhichengError(error)) return { text: '页面出现错误，请刷新后重试。', unknownOutcome: true }
  const { code, message, facts, outcome } = error
  const unknownOutcome = outcome !== 'refused' && outcome !== 'not_sent'
  if (code === 'ERR_NETWORK') return { text: '网络连接失败，请检查网络后重试。', code, unknownOutcome }
  const status = typeof facts['status'] === 'number' ? facts['status'] : undefined
  if (status === undefined) return { text: '服务器的答复不完整，请稍后重试。', code, unknownOutcome }
  return { text: textOf(status, message), status, code, unknownOutcome }
}

function textOf(status: number, message: string): string {
  if (status >= 500) return '系统暂时不可用，请稍后再试。'
  if (/\p{Script=Han}/u.test(message)) return message
  return texts[status] ?? '没有办理成功，请稍后重试。'
}
