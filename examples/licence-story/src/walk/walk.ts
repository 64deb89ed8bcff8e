/** Walks the licence story from the login to the rating, over HTTP, and checks every step's outcome. */
import { proveReceipt } from '@zhicheng/archive'
import type { SessionView } from '@zhicheng/identity/wire'
import type { CaseView } from '@zhicheng/intake/wire'
import type { OrderView, PaymentAction } from '@zhicheng/pay/wire'
import type { VerificationReport } from '@zhicheng/seal/wire'
import type { ArchivedCase } from '../department/case-file.ts'
import type { Output } from '../output.ts'
import type { Platform } from '../platform.ts'
import { createVisitor, type Visitor } from './http-client.ts'
import { sampleForm, sampleMaterials } from './sample-application.ts'
import { assert, createRecorder, type Recorder, type StepRecord } from './steps.ts'

/** What the walk needs around it. */
export interface WalkOptions {
  /** Address of the department's system. */
  origin: string
  platform: Platform
  output: Output
  /** The archived case, once the department has it. */
  archived: Promise<ArchivedCase>
  print: (line: string) => void
}

/** What the walk came to: every step that was taken, and why it ended early if it did. */
export interface WalkResult {
  steps: readonly StepRecord[]
  error?: Error
}

interface WindowRow {
  id: string
  statusName: string
  dueAt?: string
  credit?: { status: string; measureName: string; reasons: string[] }
}

/** Walks, and ends at the first step whose outcome is not as it must be. */
export async function walk(options: WalkOptions): Promise<WalkResult> {
  const recorder = createRecorder(options.print)
  try {
    await takeSteps(recorder, options)
    return { steps: recorder.steps }
  } catch (error) {
    return { steps: recorder.steps, error: error as Error }
  }
}

async function takeSteps({ run }: Recorder, { origin, platform, output, archived }: WalkOptions): Promise<void> {
  const operator = createVisitor(origin)
  const clerk = createVisitor(origin)
  const atWindow = (caseId: string, action: string): Promise<WindowRow> =>
    clerk.post(`/app/window/cases/${caseId}/${action}`)

  await run('login-zheliban', '企业经办人登录（浙里办 G2 票据流程）', () => logIn(operator, 'zhejiang', 'operator'))
  await run('login-oidc', '同一经办人经 OpenID Connect 登录', async () => {
    const other = createVisitor(origin)
    const did = await logIn(other, 'oidc', 'operator')
    const [first, second] = await Promise.all(
      [operator, other].map((visitor) => visitor.get<SessionView>('/api/identity/session')),
    )
    assert(first!.user?.displayName === second!.user?.displayName, 'both platforms vouch for the same company')
    return did
  })
  await run('login-clerk', '窗口工作人员登录', () => logIn(clerk, 'oidc', 'clerk'))

  const { caseId, caseNumber } = await run('apply', '填写申请表并上传材料', () => apply(operator))

  await run('credit', '信用核查（带用途）与决策表', async () => {
    const { credit } = await atWindow(caseId, 'credit-check')
    assert(credit?.status === 'clear', 'the sample company has a clear record')
    return { ...credit }
  })
  const { orderId } = await run('accept', '受理，开始计算办理时限，发出缴费通知', async () => {
    const { dueAt } = await atWindow(caseId, 'accept')
    const view = await operator.get<CaseView>(`/api/intake/cases/${caseId}`)
    assert(dueAt && view.due && !view.due.overdue && view.orderId, 'the clock runs and the fee is due')
    return {
      dueAt,
      remainingWorkingDays: view.due.remainingWorkingDays,
      provisional: view.due.provisional,
      orderId: view.orderId,
    }
  })
  await run('pay', '微信支付缴费，收到签名通知', () => pay(operator, orderId))
  await run('decide', '在时限内作出许可决定', async () => {
    const before = await operator.get<CaseView>(`/api/intake/cases/${caseId}`)
    assert(before.due && !before.due.overdue, 'the decision is inside the promised time')
    const { statusName } = await atWindow(caseId, 'decide')
    assert(statusName.startsWith('准予许可'), 'the licence is granted')
    return { statusName, remainingWorkingDays: before.due.remainingWorkingDays }
  })
  await run('issue', '制作许可证（PDF 与 OFD）并签章', async () => {
    const { statusName } = await atWindow(caseId, 'issue')
    assert(statusName === '已办结', 'the case is closed')
    const { documents } = await operator.get<CaseView>(`/api/intake/cases/${caseId}`)
    assert(documents.length === 2, 'there are two documents')
    return { documents: documents.map(({ name, mediaType }) => ({ name, mediaType })) }
  })
  await run('verify', '核验两份许可证的签章', () => verifyBoth(operator, caseId, output))
  await run('archive', '归档打包、四性检测、断点续传移交', async () => {
    await atWindow(caseId, 'archive')
    const { package: zip, report, receipt, decision } = await archived
    assert(report.verdict === 'accepted' && decision === 'accepted', 'the package is accepted on both sides')
    await output.write('case.zip', zip)
    await output.json('check.json', report)
    await output.json('receipt.json', receipt)
    return { bytes: zip.length, checks: report.checks.length, verdict: report.verdict, decision }
  })
  await run('receipt', '离线核验回执签名与包含证明', async () => {
    const { receipt, package: zip } = await archived
    const proven = await proveReceipt(receipt, { logKey: platform.registration.archive.logKey, package: zip })
    assert(proven.package === 'matches', 'the receipt is for this very package')
    return { logIndex: proven.receipt.receipt.index, treeSize: proven.receipt.receipt.treeSize }
  })
  await run('feedback', '信用反馈、双公示与办件归集送达', () => waitForDeliveries(platform, caseNumber))
  await run('rate', '好差评', async () => {
    const { rating } = await operator.post<CaseView>(`/api/intake/cases/${caseId}/rating`, { level: 5 })
    assert(rating === 5, 'the rating is kept')
    return { rating }
  })
}

async function logIn(
  visitor: Visitor,
  provider: 'zhejiang' | 'oidc',
  persona: string,
): Promise<Record<string, unknown>> {
  await visitor.logIn(provider, persona)
  const { user } = await visitor.get<SessionView>('/api/identity/session')
  assert(user?.provider === provider, `the session was opened by ${provider}`)
  return { provider, kind: user.kind, assurance: user.assurance }
}

async function apply(operator: Visitor): Promise<{ caseId: string; caseNumber: string; materials: unknown[] }> {
  const { id } = await operator.post<{ id: string }>('/app/cases', { form: sampleForm })
  const materials: unknown[] = []
  for (const { code, name, content } of await sampleMaterials()) {
    const path = `/app/cases/${id}/materials/${code}?name=${encodeURIComponent(name)}`
    const { digest } = await operator.put<{ digest: unknown }>(path, content, 'application/pdf')
    materials.push({ code, bytes: content.length, digest })
  }
  const { caseNumber } = await operator.post<{ caseNumber: string }>(`/app/cases/${id}/submit`)
  return { caseId: id, caseNumber, materials }
}

async function pay(operator: Visitor, orderId: string): Promise<Record<string, unknown>> {
  const { action } = await operator.post<{ action: PaymentAction }>(`/api/pay/orders/${orderId}/attempts`, {
    channel: 'wechat',
  })
  assert(action.kind === 'scan', 'the payer gets a code to scan')
  // The payer's telephone: another browser, at the address in the code.
  await createVisitor('http://127.0.0.1').press(action.content)
  const order = await until('the notification marks the order as paid', async () => {
    const view = await operator.get<OrderView>(`/api/pay/orders/${orderId}`)
    return view.status === 'paid' ? view : undefined
  })
  return { orderId, amount: order.amount, paidAt: order.paidAt }
}

async function verifyBoth(operator: Visitor, caseId: string, output: Output): Promise<Record<string, unknown>> {
  const verdicts: Record<string, unknown> = {}
  for (const name of ['licence.pdf', 'licence.ofd']) {
    const report = await operator.post<VerificationReport>(`/api/seal/documents/${caseId}-${name}/verification`)
    await output.json(`${name}.verify.json`, report)
    assert(report.verdict === 'TOTAL-PASSED', `${name} verifies with chain and revocation`)
    verdicts[name] = { verdict: report.verdict, level: report.signatures[0]?.level }
  }
  return verdicts
}

/** Everything that leaves through an outbox: it must arrive, once, at the platforms. */
async function waitForDeliveries({ origin }: Platform, caseNumber: string): Promise<Record<string, unknown>> {
  return until('feedback, publication and case return arrive', async () => {
    const count = async (path: string): Promise<number> => {
      const lists = Object.values((await (await fetch(origin + path)).json()) as Record<string, unknown[]>)
      return lists.flat().filter((one) => JSON.stringify(one).includes(caseNumber)).length
    }
    const [feedback, publications, cases] = await Promise.all(
      ['/credit/feedback', '/credit/publications', '/intake/cases'].map(count),
    )
    return feedback === 1 && publications === 1 && cases === 1 ? { feedback, publications, cases } : undefined
  })
}

async function until<Value>(claim: string, look: () => Promise<Value | undefined>): Promise<Value> {
  const deadline = Date.now() + 15_000
  for (;;) {
    const value = await look()
    if (value !== undefined) return value
    assert(Date.now() < deadline, claim)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
