/** Chinese texts of this package's codes, for people. The codes of OFD have theirs in `@zhicheng/seal/ofd`. */
import type { SealErrorCode, SealFindingCode } from './errors.ts'

/** What happened and what to do, by code. */
export const sealMessages: Readonly<Record<SealErrorCode | SealFindingCode, string>> = {
  ERR_SEAL_NO_SIGNATURE: '文件中没有签名或印章。',
  ERR_SEAL_PDF_MALFORMED: 'PDF 文件损坏或不符合规范，无法读取；为避免误判，不做自动修复。请使用原始文件。',
  ERR_SEAL_PDF_LIMIT: 'PDF 文件超出处理上限（大小、层数或数量），已拒绝。',
  ERR_SEAL_PDF_UNSUPPORTED: 'PDF 文件使用了暂不支持的结构。',
  ERR_SEAL_PDF_ENCRYPTED: 'PDF 文件已加密：不能签章，签名也未核验。请使用未加密的文件。',
  ERR_SEAL_BYTE_RANGE: '签名的覆盖范围（ByteRange）不正确，签名不可信。',
  ERR_SEAL_CONTENTS: '签名内容缺失或无法读取，签名不可信。',
  ERR_SEAL_SIGNATURE_UNSUPPORTED: '签名类型暂不支持，未能核验。',
  ERR_SEAL_CHANGES_UNEXPLAINED: '签名之后文件被改动，且改动不属于允许的范围。',
  ERR_SEAL_CHANGES_FORBIDDEN: '已有签名不允许此项改动。',
  ERR_SEAL_CHANGES_NOT_CHECKED: '签名之后的部分改动未能核对。',
  ERR_SEAL_CERTIFY_NOT_FIRST: '文件已有签名，只有第一个签名可以作为认证签名。',
  ERR_SEAL_FIELD_SIGNED: '该签名域已签名，请选择其他签名域。',
  ERR_SEAL_FIELD_NAME: '签名域名称不可用：不能为空、不能含句点，也不能是其他类型的域。',
  ERR_SEAL_PAGE_NOT_FOUND: '文件没有这一页，请检查盖章页码。',
  ERR_SEAL_APPEARANCE: '印章图样无法使用，请检查图片或文字。',
  ERR_SEAL_TIMESTAMPS_MISSING: 'B-T 级签名需要时间戳服务，请提供时间戳来源或改用 B-B 级。',
  ERR_SEAL_DOCUMENT_INVALID: '文档描述有误，无法生成文件。',
  ERR_SEAL_FONT_UNREADABLE: '字体文件无法读取，请提供 TrueType、OpenType 或 WOFF2 字体。',
  ERR_SEAL_GLYPH_MISSING: '字体缺少部分字符（如生僻字），请更换包含这些字符的字体。',
  SEAL_CMS_NOT_DER: '签名未按规定使用 DER 编码（使用了 BER），已按通行做法读取。',
  SEAL_OCSP_NOT_EVALUATED: '文件内含 OCSP 应答，但未予核验；请提供 CRL 以检查证书吊销状态。',
  SEAL_CHANGE_REMARK: '签名之后有需要留意的改动。',
  SEAL_TIMESTAMP_UNTRUSTED: '时间戳的签发机构不受信任或其证书无效，不能证明签名时间，该签名按 B-B 级对待。',
  SEAL_TIMESTAMP_REVOCATION_UNKNOWN:
    '时间戳签发机构的证书是否吊销未能查明，其时间不能作为证明；请提供该机构签发者的现行 CRL。',
}
