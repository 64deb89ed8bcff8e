/** What each event of a case is called, for the window's log and the case file. */
import type { CaseEventType } from '@zhicheng/intake'

export const eventNames: Readonly<Record<CaseEventType, string>> = {
  drafted: '填写申请',
  materialAdded: '上传材料',
  submitted: '提交申请',
  received: '收件',
  projectNumberIssued: '取得统一办件编号',
  supplementRequested: '一次性告知补正',
  supplemented: '补正材料',
  accepted: '受理',
  notAccepted: '不予受理',
  feeDue: '发出缴费通知',
  feePaid: '缴费到账',
  granted: '准予许可',
  denied: '不予许可',
  certificateMade: '制证并签章',
  delivered: '送达',
  closed: '办结',
  rated: '评价',
  archived: '归档移交',
}

export const actorNames = { applicant: '申请人', officer: '窗口', system: '系统' } as const
