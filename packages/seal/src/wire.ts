/** Operations the elements call to have a document verified. */
import { type Operation, operation, type Schema } from '@zhicheng/core'
import * as v from 'valibot'
import type { VerificationReport } from './report.ts'

export type { SignatureReport, VerificationReport } from './report.ts'

const finding = v.object({ code: v.string(), severity: v.picklist(['info', 'warning', 'error']), message: v.string() })
const verdict = v.picklist(['TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED'])

/** The schema of a {@link VerificationReport}. */
export const verificationReport: Schema<VerificationReport> = v.object({
  file: v.string(),
  format: v.picklist(['pdf', 'ofd']),
  verdict,
  findings: v.array(finding),
  signatures: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      kind: v.picklist(['signature', 'seal', 'timestamp', 'integrity']),
      verdict,
      subIndication: v.nullable(v.string()),
      level: v.picklist(['B-B', 'B-T', 'B-LT', 'B-LTA', 'PKCS7', 'SES-v1', 'SES-v4', 'SES-v5', 'GBT35275']),
      signedAt: v.nullable(v.string()),
      timeSource: v.picklist(['claimed', 'timestamp']),
      signer: v.nullable(v.object({ subject: v.string(), issuer: v.string(), serial: v.string() })),
      algorithm: v.string(),
      coverage: v.picklist(['whole-file', 'whole-revision', 'partial', 'unclear']),
      changes: v.object({
        level: v.picklist(['none', 'ltv', 'form-filling', 'annotations', 'other', 'not-checked']),
        findings: v.array(v.object({ code: v.string(), message: v.string() })),
      }),
      chain: v.object({
        status: v.picklist(['trusted', 'untrusted', 'broken', 'not-checked']),
        trustedBy: v.nullable(v.string()),
      }),
      revocation: v.object({
        status: v.picklist(['good', 'revoked', 'unknown', 'not-checked']),
        source: v.nullable(v.picklist(['embedded', 'given', 'online'])),
        at: v.nullable(v.string()),
      }),
      findings: v.array(finding),
    }),
  ),
})

/** Verifies a document that the department keeps, such as the licence of a case. */
export const verifyDocument: Operation<{ params: { document: string }; response: VerificationReport }> = operation({
  id: 'seal.document.verify',
  method: 'POST',
  path: '/seal/documents/{document}/verification',
  summary: 'Verifies every signature and seal of a stored document.',
  params: v.object({ document: v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,80}$/)) }),
  response: verificationReport,
})
