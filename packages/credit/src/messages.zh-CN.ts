/** Chinese texts of this package's errors, and of the reasons for an unknown status, for people. */
import type { UnknownReason } from './check.ts'
import type { CreditErrorCode } from './errors.ts'

/** One sentence for each code. */
export const creditMessages: Readonly<Record<CreditErrorCode, string>> = {
  ERR_CREDIT_POLICY_INVALID: '决策表不合规，请按提示的位置修改。',
  ERR_CREDIT_FACTS_INVALID: '事实数据不合规：只能是文本、数字、真假值或空值的平铺对象。',
  ERR_CREDIT_PURPOSE_INVALID: '查询用途不完整：须写明主项编码、子项编码和查询人；未发出查询。',
  ERR_CREDIT_SUBJECT_INVALID: '查询对象不合规：组织须有有效的统一社会信用代码，自然人须有有效的身份证号；未发出查询。',
  ERR_CREDIT_SUBJECT_UNSUPPORTED: '所接的信用平台不支持查询这类对象。',
  ERR_CREDIT_PERSON_WITHOUT_BASIS: '查询自然人信用须有法定依据或本人授权；未发出查询。',
  ERR_CREDIT_CHECK_UNKNOWN: '没有这次信用核查的记录。',
  ERR_CREDIT_FEEDBACK_INVALID: '反馈内容不合规：请检查采取的措施、办件编号和时间。',
  ERR_CREDIT_FEEDBACK_CONFLICT: '这次信用核查已反馈过不同的内容。',
  ERR_CREDIT_PUBLICATION_INVALID: '双公示记录不合规，请按提示的字段修改。',
  ERR_CREDIT_PUBLICATION_CONFLICT: '同一许可机关的同一文书号已公示过不同的内容。',
  ERR_CREDIT_PUBLICATION_UNKNOWN: '没有这条双公示记录。',
  ERR_CREDIT_CONFIGURATION: '信用能力的配置不正确。',
  ERR_CREDIT_PLATFORM_UNREACHABLE: '信用平台没有可用的应答，请稍后再试。',
  ERR_CREDIT_PLATFORM_REFUSED: '信用平台拒绝了请求，请检查密钥、时钟和接口授权。',
  ERR_CREDIT_PLATFORM_ANSWER_INVALID: '信用平台的应答不符合约定。',
}

/** Why a status is unknown. */
export const unknownReasonTexts: Readonly<Record<UnknownReason, string>> = {
  'no-answer': '信用平台没有应答。',
  timeout: '信用平台没有在时限内应答。',
  refused: '信用平台拒绝了查询。',
  'answer-invalid': '信用平台的应答不符合约定。',
  'provider-failed': '信用平台的接入程序出错。',
  'subject-unsupported': '所接的信用平台不支持查询这类对象。',
  'not-found': '信用平台没有该主体的信息；查无信息不等于信用良好。',
  'subject-mismatch': '应答所指的主体不是所查的主体。',
  'missing-field': '应答缺少必要的内容。',
  stale: '信用数据已过有效期。',
}
