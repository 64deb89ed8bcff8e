/** `zhicheng seal verify`: every signature and seal of a PDF or OFD, with an answer for each question that was asked. */
import { basename, resolve } from 'node:path'
import type { ByteSource, Verdict } from '@zhicheng/core'
import { fileSource } from '@zhicheng/core/node'
import { sniffFileType } from '@zhicheng/formats'
import type { SignatureReport, VerificationReport } from '@zhicheng/seal'
import { verificationReport } from '@zhicheng/seal/wire'
import { readCertificateLists, readTrustFolder } from '../lib/key-files.ts'
import { commandError, exitStatus, listOption, onePositional, option, timeOption, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'seal verify',
  summary: 'Verifies every signature and seal of a PDF or OFD (验章)',
  usage: 'FILE [--trust DIR] [--crl F]... [--at TIME] [--json]',
  options: {
    trust: { type: 'string' },
    crl: { type: 'string', multiple: true },
    at: { type: 'string' },
    json: { type: 'boolean' },
  },
  output: verificationReport,
  async run(context, values, positionals) {
    const path = onePositional(positionals, 'file')
    const trustFolder = option(values, 'trust')
    const at = timeOption(values, 'at')
    const options = {
      file: basename(path),
      ...(trustFolder ? { trust: await readTrustFolder(context, trustFolder) } : {}),
      crls: await readCertificateLists(context, listOption(values, 'crl')),
      ...(at ? { at } : {}),
    }
    const source = await fileSource(resolve(context.folder, path))
    try {
      const report = await verify(source, path, options)
      if (values.json) context.print(JSON.stringify(report, null, 2))
      else context.print(formatReport(report))
      return report.verdict === 'TOTAL-PASSED' ? exitStatus.good : exitStatus.other
    } finally {
      await source.close()
    }
  },
}

type VerifyOptions = Parameters<typeof import('@zhicheng/seal/pdf').verifyPdf>[1]

async function verify(source: ByteSource, path: string, options: VerifyOptions): Promise<VerificationReport> {
  const type = sniffFileType(await source.read(0, Math.min(source.size, 4096)))
  if (type === 'pdf') return (await import('@zhicheng/seal/pdf')).verifyPdf(source, options)
  if (type === 'ofd' || type === 'zip') return (await import('@zhicheng/seal/ofd')).verifyOfd(source, options)
  throw commandError('ERR_COMMAND_FILE', `${path} is neither a PDF nor an OFD (it looks like: ${type}).`)
}

const words: Record<Verdict, string> = {
  'TOTAL-PASSED': 'TOTAL-PASSED   通过',
  INDETERMINATE: 'INDETERMINATE  不能确定',
  'TOTAL-FAILED': 'TOTAL-FAILED   不通过',
}

function formatReport(report: VerificationReport): string {
  return [
    `${report.file}: ${words[report.verdict]}`,
    ...report.findings.map(({ code, message }) => `  ${message} [${code}]`),
    ...report.signatures.flatMap(formatSignature),
  ].join('\n')
}

function formatSignature(signature: SignatureReport): string[] {
  return [
    `  ${signature.kind} "${signature.name}": ${words[signature.verdict]}${signature.subIndication ? ` (${signature.subIndication})` : ''}`,
    `    by ${signature.signer?.subject ?? 'unknown'}`,
    `    at ${signature.signedAt ?? 'unknown'} (${signature.timeSource}), ${signature.level}, ${signature.algorithm}`,
    `    coverage ${signature.coverage}; later changes ${signature.changes.level}; chain ${signature.chain.status}; revocation ${signature.revocation.status}`,
    ...signature.findings.map(({ severity, code, message }) => `    ${severity}: ${message} [${code}]`),
  ]
}
