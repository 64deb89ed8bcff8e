/** Views that stories and browser tests show. All names are invented and marked as samples (样例). */
import type { SessionView } from '@zhicheng/identity/wire'
import type { CaseView } from '@zhicheng/intake/wire'
import type { OrderView } from '@zhicheng/pay/wire'
import type { SignatureReport, VerificationReport } from '@zhicheng/seal/wire'

const providers = [
  { id: 'zhejiang', name: '浙里办', loginUrl: '/api/identity/login/zhejiang' },
  { id: 'oidc', name: '统一身份认证平台', loginUrl: '/api/identity/login/oidc' },
]

export const sessions: Readonly<Record<'anonymous' | 'oneProvider' | 'person' | 'company', SessionView>> = {
  anonymous: { authenticated: false, providers },
  oneProvider: { authenticated: false, providers: providers.slice(0, 1) },
  person: {
    authenticated: true,
    providers,
    user: {
      displayName: '*样例',
      kind: 'person',
      assurance: 2,
      provider: 'zhejiang',
      expiresAt: '2026-11-24T18:00:00+08:00',
    },
  },
  company: {
    authenticated: true,
    providers,
    user: {
      displayName: '杭州样例餐饮有限公司',
      kind: 'organisation',
      actorName: '*样例',
      assurance: 3,
      provider: 'oidc',
      expiresAt: '2026-11-24T18:00:00+08:00',
    },
  },
}

const order: OrderView = {
  id: 'o-1',
  title: '食品经营许可 · 证照工本费',
  status: 'created',
  amount: '120.00',
  currency: 'CNY',
  items: [
    { code: '103001', name: '食品经营许可审查费（样例）', amount: '100.00' },
    { code: '103002', name: '证照工本费（样例）', amount: '20.00' },
  ],
  payee: '样例市市场监督管理局',
  payCode: '330001296FS0001934251',
  createdAt: '2026-11-24T09:00:00+08:00',
  channels: [{ id: 'wechat', name: '微信支付' }],
}

export const orders: Readonly<Record<'created' | 'paid' | 'review', OrderView>> = {
  created: order,
  paid: { ...order, status: 'paid', paidAt: '2026-11-24T09:05:00+08:00' },
  review: { ...order, status: 'review' },
}

const running: CaseView = {
  id: 'c-1',
  caseNumber: '330100261124000001',
  itemName: '食品经营许可（新办）',
  department: '样例市市场监督管理局',
  status: 'accepted',
  submittedAt: '2026-11-24T09:00:00+08:00',
  acceptedAt: '2026-11-24T09:30:00+08:00',
  due: { at: '2026-12-08T18:00:00+08:00', remainingWorkingDays: 10, overdue: false, paused: false, provisional: false },
  steps: [
    { code: 'submitted', name: '提交申请', state: 'done', at: '2026-11-24T09:00:00+08:00' },
    { code: 'accepted', name: '受理', state: 'done', at: '2026-11-24T09:30:00+08:00' },
    { code: 'paid', name: '缴费', state: 'current', note: '请在承诺期限内完成缴费' },
    { code: 'decided', name: '审查决定', state: 'waiting' },
    { code: 'delivered', name: '制证送达', state: 'waiting' },
  ],
  documents: [],
  orderId: 'o-1',
}

const { due: _finishedCasesHaveNone, ...withoutDue } = running

const finished: CaseView = {
  ...withoutDue,
  status: 'closed',
  steps: running.steps.map((step) => ({
    code: step.code,
    name: step.name,
    state: 'done',
    at: '2026-11-25T10:00:00+08:00',
  })),
  documents: [
    { id: 'licence.pdf', name: '食品经营许可证.pdf', mediaType: 'application/pdf', url: '/api/documents/licence.pdf' },
    { id: 'licence.ofd', name: '食品经营许可证.ofd', mediaType: 'application/ofd', url: '/api/documents/licence.ofd' },
  ],
}

export const cases: Readonly<Record<'running' | 'overdue' | 'finished' | 'rated', CaseView>> = {
  running,
  overdue: {
    ...running,
    due: { at: '2026-11-20T18:00:00+08:00', remainingWorkingDays: 0, overdue: true, paused: true, provisional: true },
  },
  finished,
  rated: { ...finished, rating: 5 },
}

const signature: SignatureReport = {
  id: '1',
  name: '样例市市场监督管理局食品经营许可专用章（测试专用）',
  kind: 'seal',
  verdict: 'TOTAL-PASSED',
  subIndication: null,
  level: 'B-T',
  signedAt: '2026-11-24T10:00:00+08:00',
  timeSource: 'timestamp',
  signer: { subject: 'CN=样例市市场监督管理局 测试专用,C=CN', issuer: 'CN=样例测试CA 测试专用,C=CN', serial: '1a2b' },
  algorithm: 'ecdsa-p256-sha256',
  coverage: 'whole-file',
  changes: { level: 'none', findings: [] },
  chain: { status: 'trusted', trustedBy: 'CN=样例测试CA 测试专用,C=CN' },
  revocation: { status: 'good', source: 'given', at: '2026-11-24T08:00:00+08:00' },
  findings: [],
}

const passed: VerificationReport = {
  file: '食品经营许可证.pdf',
  format: 'pdf',
  verdict: 'TOTAL-PASSED',
  findings: [],
  signatures: [signature],
}

export const reports: Readonly<Record<'passed' | 'indeterminate' | 'failed' | 'none', VerificationReport>> = {
  passed,
  indeterminate: {
    ...passed,
    verdict: 'INDETERMINATE',
    signatures: [
      {
        ...signature,
        verdict: 'INDETERMINATE',
        subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
        changes: { level: 'not-checked', findings: [] },
        chain: { status: 'not-checked', trustedBy: null },
        revocation: { status: 'not-checked', source: null, at: null },
      },
    ],
  },
  failed: {
    ...passed,
    verdict: 'TOTAL-FAILED',
    signatures: [
      {
        ...signature,
        verdict: 'TOTAL-FAILED',
        subIndication: 'HASH_FAILURE',
        coverage: 'partial',
        changes: {
          level: 'other',
          findings: [{ code: 'PDF_CHANGE_UNEXPLAINED', message: '签章之后页面内容被替换。' }],
        },
        findings: [{ code: 'ERR_SEAL_DIGEST_MISMATCH', severity: 'error', message: '文件摘要与签章中的摘要不一致。' }],
      },
    ],
  },
  none: {
    ...passed,
    verdict: 'TOTAL-FAILED',
    findings: [{ code: 'ERR_SEAL_NO_SIGNATURE', severity: 'error', message: '文件中没有签章。' }],
    signatures: [],
  },
}
