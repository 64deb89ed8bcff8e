/** `zhicheng archive check`: the four properties of a case package (四性检测), with the evidence for each answer. */
import { resolve } from 'node:path'
import type { CheckReport } from '@zhicheng/archive'
import { checkPath } from '@zhicheng/archive/node'
import { checkReport } from '@zhicheng/archive/wire'
import { documentFormat, headBytes } from '../lib/document-file.ts'
import { statUserPath } from '../lib/input-file.ts'
import { choiceOption, onePositional } from '../lib/options.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'
import { readTrustOptions, verifyDocument } from '../lib/verify-document.ts'

export const verb: Verb = {
  name: 'archive check',
  summary: 'Checks the four properties of a case package (四性检测)',
  usage: [
    'PACKAGE [--stage archiving|transfer|preservation] [--trust DIR] [--crl F]... [--json]',
    '',
    '  --stage  archiving (归档, the default), transfer (移交与接收) or preservation (长期保存)',
    '  --trust  folder of trusted root certificates for the seals in the package; without it they stay open',
    '  --crl    revocation list of an issuer of seals',
    '',
    '  Exit status 0 only for accepted. No virus scanner is asked: that check says not-checked.',
  ].join('\n'),
  options: {
    stage: { type: 'string' },
    trust: { type: 'string' },
    crl: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  },
  output: checkReport,
  async run(context, values, positionals) {
    const path = onePositional(positionals, 'package')
    const stage = choiceOption(values, 'stage', ['archiving', 'transfer', 'preservation']) ?? 'archiving'
    const trust = await readTrustOptions(context, values)
    await statUserPath(context, path)
    const report = await checkPath(resolve(context.folder, path), {
      stage,
      verifyDocument: (file, bytes) => {
        const format = documentFormat(file, bytes.subarray(0, headBytes))
        return verifyDocument(bytes, { ...trust, format, file })
      },
    })
    context.print(values['json'] ? JSON.stringify(report, null, 2) : formatReport(report))
    return report.verdict === 'accepted' ? exitStatus.good : exitStatus.other
  },
}

const words: Readonly<Record<CheckReport['verdict'], string>> = {
  accepted: 'accepted (通过)',
  returned: 'returned (退回)',
  manual: 'manual (待人工处理)',
}

/** What is open or wrong in full; what passed as a count. */
function formatReport({ package: name, stage, profile, verdict, checks }: CheckReport): string {
  const passed = checks.filter(({ status }) => status === 'pass').length
  return [
    `${name}: ${words[verdict]}, ${profile}, ${stage}; ${passed} of ${checks.length} checks passed`,
    ...checks
      .filter(({ status, code }) => status !== 'pass' || code !== 'OK')
      .flatMap(({ status, id, object, evidence, remedy, code }) => [
        `  ${status.padEnd(14)} ${id}  ${object}: ${evidence} [${code}]`,
        ...(remedy === '' ? [] : [`  ${''.padEnd(14)} ${remedy}`]),
      ]),
  ].join('\n')
}
