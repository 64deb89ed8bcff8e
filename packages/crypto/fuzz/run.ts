/**
 * The fuzzer: feeds hostile bytes to everything in this package that reads bytes of strangers, and ends with status 1
 * when one of them crashes it, stalls it, or is accepted though it was altered.
 *
 *   node --conditions=@zhicheng/source packages/crypto/fuzz/run.ts --seconds 120 [--seed 1] [--workers 2]
 *     [--only certificate,cms] [--runs 1000] [--plant accept|crash|slow|hang] [--replay file]
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { hunt } from './hunt.ts'
import { type Plant, plants } from './plant.ts'
import { createProbe } from './probe.ts'
import type { Settings } from './protocol.ts'
import { keepFindings, printFigures } from './report.ts'
import { targets } from './targets/index.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now()) },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    only: { type: 'string' },
    runs: { type: 'string' },
    plant: { type: 'string' },
    replay: { type: 'string' },
  },
})
const settings: Settings = {
  seconds: number('seconds', values.seconds),
  seed: values.seed,
  workers: number('workers', values.workers),
  only: values.only?.split(',') ?? [],
  plant: plants.find((plant) => plant === values.plant),
  runs: values.runs === undefined ? undefined : number('runs', values.runs),
}
const names = targets.map(({ name }) => name)
const unknown = settings.only.find((name) => !names.includes(name))
if (unknown !== undefined) stop(`There is no target ${unknown}; there are ${names.join(', ')}.`)
if (values.plant !== (settings.plant as Plant | undefined))
  stop(`There is no plant ${values.plant}; there are ${plants.join(', ')}.`)
process.exitCode = values.replay === undefined ? await huntOnce() : await replay(values.replay)

async function huntOnce(): Promise<number> {
  const start = performance.now()
  const result = await hunt(settings)
  printFigures(result, settings, (performance.now() - start) / 1000)
  await keepFindings(result.findings, settings)
  return result.findings.length > 0 ? 1 : 0
}

async function replay(path: string): Promise<number> {
  const [target, ...others] = settings.only
  if (target === undefined || others.length > 0) stop('--replay needs --only with one target.')
  const probe = createProbe(settings)
  const { finding, label } = await probe.judge({ target, input: new Uint8Array(readFileSync(path)) })
  await probe.close()
  console.log(finding ? `${finding.kind}: ${finding.detail}` : label)
  return finding ? 1 : 0
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) stop(`--${name} needs a number above zero, not ${text}.`)
  return value
}

function stop(message: string): never {
  console.error(message)
  process.exit(2)
}
