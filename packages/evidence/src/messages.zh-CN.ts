/** 中文错误文本: what a person reads for each code of this package. */
import type { EvidenceErrorCode } from './errors.ts'

/** One sentence per code: what happened and what to do. */
export const evidenceMessages: Readonly<Record<EvidenceErrorCode, string>> = {
  ERR_EVIDENCE_RANGE: '序号或树大小超出日志范围，请核对后重试。',
  ERR_EVIDENCE_CONFLICT: '存证日志已被其他写入者追加，本次写入未生效，请重新读取后再试。',
  ERR_EVIDENCE_STORAGE: '存证日志的存储内容缺失或损坏，请停止写入并从备份恢复。',
  ERR_EVIDENCE_KEY: '日志密钥不是可用的 JWK（支持 ES256 与 Ed25519），请检查密钥文件。',
  ERR_EVIDENCE_KEY_PRIVATE: '公钥文件中含有私钥，请立即更换密钥并只分发公钥。',
  ERR_EVIDENCE_KEY_MISMATCH: '回执不是由给定的日志密钥签发，请确认使用了正确的日志公钥。',
  ERR_EVIDENCE_MALFORMED: '回执或树头的格式不符合约定，不予采信。',
  ERR_EVIDENCE_SIGNATURE: '签名验证不通过，内容可能被改动，不予采信。',
  ERR_EVIDENCE_PROOF: '存在性证明或一致性证明不成立，不予采信。',
  ERR_EVIDENCE_LEAF: '回执所载内容与日志叶子不一致，不予采信。',
  ERR_EVIDENCE_TEST_MARK: '测试密钥签发的回执未标注“测试专用”，不予采信。',
  ERR_EVIDENCE_UNSUPPORTED: '当前运行环境没有 WebCrypto（浏览器需 https 页面），无法验证签名，请在服务端验证。',
}
