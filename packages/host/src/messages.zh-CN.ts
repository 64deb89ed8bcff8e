/** Texts of the host's errors for people. */
import type { HostErrorCode } from './errors.ts'

export const hostMessages: Readonly<Record<HostErrorCode, string>> = {
  ERR_HOST_NOT_FOUND: '没有找到所请求的内容，或您无权查看。',
  ERR_HOST_METHOD_NOT_ALLOWED: '该地址不支持这种请求方式。',
  ERR_HOST_LOGIN_REQUIRED: '请先登录。',
  ERR_HOST_FOREIGN_ORIGIN: '请求来自其他网站，已被拒绝。',
  ERR_HOST_CONFIGURATION: '服务配置有误。',
  ERR_HOST_INTERNAL: '系统内部错误，请稍后重试。',
}
