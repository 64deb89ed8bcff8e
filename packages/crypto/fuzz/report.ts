/** Prints what a run brought, and keeps its findings. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HuntResult } from './hunt.ts'
import { type MinimiseBudget, minimise } from './minimise.ts'
import { createProbe } from './probe.ts'
import type { Finding, Settings, Tally } from './protocol.ts'
import type { FindingKind } from './target.ts'

/** Figures of every target, and the answers that came most often. */
export function printFigures({ tallies }: HuntResult, settings: Settings, seconds: number): void {
  const total = [...tallies.values()].reduce((sum, { inputs }) => sum + inputs, 0)
  console.log(`${pad('target', 22)}${right('inputs')}${right('accepted')}${right('a CPU s')}  slowest`)
  for (const [name, tally] of tallies) console.log(line(name, tally))
  console.log('\nanswers that came most often')
  for (const [label, count] of topLabels(tallies.values())) console.log(`${right(String(count))}  ${label}`)
  const rate = Math.round(total / seconds)
  console.log(`\n${total} inputs in ${seconds.toFixed(1)} s, ${rate} a second, ${settings.workers} workers`)
  console.log(`seed ${settings.seed}`)
}

function line(name: string, { inputs, accepted, milliseconds, slowest }: Tally): string {
  const rate = Math.round(inputs / Math.max(milliseconds / 1000, 0.001))
  const slow = `${slowest.milliseconds.toFixed(1)} ms (${slowest.bytes} bytes)`
  return `${pad(name, 22)}${right(String(inputs))}${right(String(accepted))}${right(String(rate))}  ${slow}`
}

function topLabels(tallies: Iterable<Tally>): [string, number][] {
  const labels = new Map<string, number>()
  for (const tally of tallies) {
    for (const [label, count] of Object.entries(tally.labels)) labels.set(label, (labels.get(label) ?? 0) + count)
  }
  return [...labels].sort(([, left], [, right]) => right - left).slice(0, 10)
}

/** Shrinks each finding, writes it to a file and says where. */
export async function keepFindings(findings: readonly Finding[], settings: Settings): Promise<void> {
  const folder = join(tmpdir(), 'zhicheng-fuzz')
  mkdirSync(folder, { recursive: true })
  for (const finding of findings) {
    const input = finding.target === 'start' ? finding.input : await shrink(finding, settings)
    const digest = createHash('sha256').update(input).digest('hex').slice(0, 12)
    const path = join(folder, `${finding.target}-${finding.kind}-${digest}.bin`)
    writeFileSync(path, input)
    console.log(
      `\nFINDING: ${finding.kind} in ${finding.target}, ${finding.input.length} bytes shrunk to ${input.length}`,
    )
    console.log(`  ${finding.detail.split('\n').slice(0, 6).join('\n  ')}`)
    console.log(`  ${path}`)
    console.log(`  again: --only ${finding.target} --replay ${path}`)
  }
}

// Each try at an input that stalls costs the time it stalls for.
const budgets: Readonly<Record<FindingKind, MinimiseBudget>> = {
  crash: { tries: 5000, milliseconds: 20_000 },
  violation: { tries: 5000, milliseconds: 20_000 },
  accept: { tries: 5000, milliseconds: 20_000 },
  slow: { tries: 500, milliseconds: 10_000 },
  hang: { tries: 40, milliseconds: 20_000 },
}

async function shrink({ target, kind, detail, input }: Finding, settings: Settings): Promise<Uint8Array> {
  const probe = createProbe(settings)
  // Errors that differ in their first line are different bugs; of the other kinds a target has only one.
  const [first] = detail.split('\n')
  const isBad = async (candidate: Uint8Array): Promise<boolean> => {
    const { finding } = await probe.judge({ target, input: candidate }, kind === 'hang' ? 500 : undefined)
    if (finding?.kind !== kind) return false
    return kind !== 'crash' || finding.detail.split('\n')[0] === first
  }
  try {
    return await minimise(input, isBad, budgets[kind])
  } finally {
    await probe.close()
  }
}

function pad(text: string, width: number): string {
  return text.padEnd(width)
}

function right(text: string): string {
  return text.padStart(10)
}
