/** `zhicheng codes check`: unified social credit codes and resident ID numbers, with the reason for each refusal. */
import { checkCode } from '@zhicheng/core/codes'
import * as v from 'valibot'
import { commandError } from '../errors.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'codes check',
  summary: 'Checks unified social credit codes and resident ID numbers (统一社会信用代码, 公民身份号码)',
  usage: 'CODE... [--json]',
  options: { json: { type: 'boolean' } },
  output: v.object({
    valid: v.boolean(),
    codes: v.array(
      v.object({
        position: v.number(),
        kind: v.picklist(['uscc', 'resident-id', 'unknown']),
        valid: v.boolean(),
        findings: v.array(
          v.object({ code: v.string(), severity: v.picklist(['info', 'warning', 'error']), message: v.string() }),
        ),
      }),
    ),
  }),
  async run(context, values, positionals) {
    if (positionals.length === 0) throw commandError('ERR_COMMAND_ARGUMENTS', 'Give at least one code.')
    // The codes themselves are not repeated: a resident ID number is personal, and output ends up in logs.
    const codes = positionals.map((code, index) => ({ position: index + 1, ...checkCode(code) }))
    const valid = codes.every((code) => code.valid)
    if (values['json']) context.print(JSON.stringify({ valid, codes }, null, 2))
    else {
      for (const { position, kind, valid: good, findings } of codes) {
        context.print(`${position}. ${kind}: ${good ? 'valid' : 'not valid'}`)
        for (const { message } of findings) context.print(`   ${message}`)
      }
    }
    return valid ? exitStatus.good : exitStatus.other
  },
}
