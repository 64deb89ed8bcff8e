/** Texts of the facade's errors for people. */
import type { SupportErrorCode } from './errors.ts'

export const supportMessages: Readonly<Record<SupportErrorCode, string>> = {
  ERR_SUPPORT_CONFIGURATION: '配置有误，请检查配置项。',
  ERR_SUPPORT_NOT_CONFIGURED: '没有配置这项能力。',
  ERR_SUPPORT_TIMESTAMP: '时间戳服务没有返回时间戳。',
  ERR_SUPPORT_TRUST: '受信任证书目录无法读取，或其中没有证书。',
  ERR_SUPPORT_REVOCATION_LIST: '无法取得证书吊销列表。',
  ERR_SUPPORT_SIGNER_UNKNOWN: '没有配置这个名称的签章密钥或印章。',
  ERR_SUPPORT_DOCUMENT_UNKNOWN: '没有这份文书。',
}
