/** `zhicheng archive check`: the four properties of a case package (四性检测), with the evidence for each answer. */
import { resolve } from 'node:path'
import { checkPath } from '@zhicheng/archive/node'
import { checkReport } from '@zhicheng/archive/wire'
import { verifyOfd } from '@zhicheng/seal/ofd'
import { verifyPdf } from '@zhicheng/seal/pdf'
import { choiceOption, exitStatus, onePositional, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'archive check',
  summary: 'Checks the four properties of a case package (四性检测)',
  usage: 'PACKAGE [--stage archiving|transfer|preservation] [--json]',
  options: { stage: { type: 'string' }, json: { type: 'boolean' } },
  output: checkReport,
  async run(context, values, positionals) {
    const path = onePositional(positionals, 'package')
    const report = await checkPath(resolve(context.folder, path), {
      stage: choiceOption(values, 'stage', ['archiving', 'transfer', 'preservation']) ?? 'archiving',
      verifyDocument: (name, bytes) =>
        /\.ofd$/i.test(name) ? verifyOfd(bytes, { file: name }) : verifyPdf(bytes, { file: name }),
    })
    if (values.json) context.print(JSON.stringify(report, null, 2))
    else {
      context.print(`${report.package}: ${report.verdict}`)
      for (const { status, id, object, evidence, remedy } of report.checks) {
        context.print(
          `  ${status.padEnd(14)} ${id}  ${object}  ${evidence}${status === 'fail' && remedy ? `  -> ${remedy}` : ''}`,
        )
      }
    }
    return report.verdict === 'accepted' ? exitStatus.good : exitStatus.other
  },
}
