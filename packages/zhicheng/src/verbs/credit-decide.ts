/** `zhicheng credit decide`: runs a decision table over facts, for those who write policies. */
import { decide, parsePolicy } from '@zhicheng/credit'
import * as v from 'valibot'
import { exitStatus, readUserJson, requiredOption, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'credit decide',
  summary: 'Decides a credit measure by a decision table and says why (信用决策表)',
  usage: '--policy P.json --facts F.json [--json]',
  options: { policy: { type: 'string' }, facts: { type: 'string' }, json: { type: 'boolean' } },
  output: v.looseObject({ measure: v.string(), policyHash: v.string(), inputsHash: v.string() }),
  async run(context, values) {
    const policy = parsePolicy(await readUserJson(context, requiredOption(values, 'policy')))
    const decision = await decide(await readUserJson(context, requiredOption(values, 'facts')), policy)
    if (values.json) context.print(JSON.stringify(decision, null, 2))
    else {
      context.print(decision.measure)
      for (const reason of decision.reasons) context.print(`  ${reason.rule}`)
    }
    return decision.measure === 'unknown' ? exitStatus.other : exitStatus.good
  },
}
