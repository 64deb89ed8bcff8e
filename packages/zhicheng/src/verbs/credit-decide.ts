/** `zhicheng credit decide`: runs a decision table over facts, for those who write policies. */
import { type Decision, type DecisionReason, decide, type Measure, parsePolicy } from '@zhicheng/credit'
import { creditDecision } from '@zhicheng/credit/wire'
import { inFile, readUserJson } from '../lib/input-file.ts'
import { noPositionals, requiredOption } from '../lib/options.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'credit decide',
  summary: 'Decides a credit measure by a decision table and says why (信用决策表)',
  usage: [
    '--policy P.json --facts F.json [--json]',
    '',
    '  --policy  decision table; the first rule that holds decides',
    '  --facts   flat object of facts; a name that is missing says that nobody knows',
    '',
    '  Exit status 0 only for normal and priority; 1 for every other measure, unknown included.',
  ].join('\n'),
  options: { policy: { type: 'string' }, facts: { type: 'string' }, json: { type: 'boolean' } },
  output: creditDecision,
  async run(context, values, positionals) {
    noPositionals(positionals)
    const policyFile = requiredOption(values, 'policy')
    const factsFile = requiredOption(values, 'facts')
    const document = await readUserJson(context, policyFile)
    const policy = await inFile(policyFile, () => parsePolicy(document))
    const facts = await readUserJson(context, factsFile)
    const decision = await inFile(factsFile, () => decide(facts, policy))
    context.print(values['json'] ? JSON.stringify(decision, null, 2) : formatDecision(decision))
    return favourable.has(decision.measure) ? exitStatus.good : exitStatus.other
  },
}

/** A script that goes on after status 0 must not go on after a refusal. */
const favourable: ReadonlySet<Measure> = new Set<Measure>(['normal', 'priority'])

function formatDecision({ measure, reasons, passedOver, policyId, policyVersion }: Decision): string {
  return [
    `${measure} by ${policyId} ${policyVersion}`,
    ...reasons.flatMap((reason) => formatReason('because of', reason)),
    ...passedOver.flatMap((reason) => formatReason('not', reason)),
  ].join('\n')
}

function formatReason(word: string, { rule, cells }: DecisionReason): string[] {
  return [
    `  ${word} ${rule}`,
    ...cells.map(
      ({ input, test, value, result }) =>
        `    ${input} ${JSON.stringify(test)}: ${result}, the fact is ${value === undefined ? 'missing' : JSON.stringify(value)}`,
    ),
  ]
}
