/** `zhicheng seal verify`: every signature and seal of a PDF or OFD, with an answer for each question that was asked. */
import { basename } from 'node:path'
import type { Verdict } from '@zhicheng/core'
import type { SignatureReport, VerificationReport } from '@zhicheng/seal'
import { verificationReport } from '@zhicheng/seal/wire'
import { documentFormat, headBytes } from '../lib/document-file.ts'
import { inFile, openUserFile } from '../lib/input-file.ts'
import { onePositional, timeOption } from '../lib/options.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'
import { readTrustOptions, verifyDocument } from '../lib/verify-document.ts'

export const verb: Verb = {
  name: 'seal verify',
  summary: 'Verifies every signature and seal of a PDF or OFD (验章)',
  usage: [
    'FILE [--trust DIR] [--crl F]... [--at TIME] [--json]',
    '',
    '  --trust  folder of trusted root certificates; without it nothing is better than INDETERMINATE',
    '  --crl    revocation list of an issuer; without it a trusted signature stays INDETERMINATE',
    '  --at     the moment for which the question is asked; now by default',
  ].join('\n'),
  options: {
    trust: { type: 'string' },
    crl: { type: 'string', multiple: true },
    at: { type: 'string' },
    json: { type: 'boolean' },
  },
  output: verificationReport,
  async run(context, values, positionals) {
    const path = onePositional(positionals, 'file')
    const at = timeOption(values, 'at')
    const trust = await readTrustOptions(context, values)
    const source = await openUserFile(context, path)
    try {
      const format = documentFormat(path, await source.read(0, Math.min(source.size, headBytes)))
      const options = { ...trust, format, file: basename(path), ...(at ? { at } : {}) }
      const report = await inFile(path, () => verifyDocument(source, options))
      context.print(values['json'] ? JSON.stringify(report, null, 2) : formatReport(report))
      return report.verdict === 'TOTAL-PASSED' ? exitStatus.good : exitStatus.other
    } finally {
      await source.close()
    }
  },
}

const words: Readonly<Record<Verdict, string>> = {
  'TOTAL-PASSED': 'TOTAL-PASSED (通过)',
  INDETERMINATE: 'INDETERMINATE (不能确定)',
  'TOTAL-FAILED': 'TOTAL-FAILED (不通过)',
}

function formatReport({ file, verdict, findings, signatures }: VerificationReport): string {
  return [
    `${file}: ${words[verdict]}`,
    ...findings.map(({ code, message }) => `  ${message} [${code}]`),
    ...signatures.flatMap(formatSignature),
  ].join('\n')
}

function formatSignature(signature: SignatureReport): string[] {
  const { kind, name, verdict, subIndication, signer, level, algorithm, changes, chain, revocation } = signature
  return [
    `  ${kind} "${name}": ${words[verdict]}${subIndication ? `, ${subIndication}` : ''}`,
    `    signer      ${signer?.subject ?? 'unknown'}`,
    `    time        ${signature.signedAt ?? 'unknown'} (${signature.timeSource})`,
    `    form        ${level}, ${algorithm}`,
    `    coverage    ${signature.coverage}, later changes: ${changes.level}`,
    `    chain       ${chain.status}, revocation: ${revocation.status}`,
    ...changes.findings.map(({ code, message }) => `    change: ${message} [${code}]`),
    ...signature.findings.map(({ severity, code, message }) => `    ${severity}: ${message} [${code}]`),
  ]
}
