/** Measures contenders side by side: CPU time of this process, in alternating rounds, so that all meet the same machine. */

/** One contender; its work is one operation. */
export interface Contender {
  readonly name: string
  work(): unknown
}

/** CPU milliseconds of one operation, the median of the rounds. */
export async function measure(contenders: readonly Contender[], rounds = 15): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { name, work } of contenders) counts.set(name, await warmUp(work))
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, work } of contenders) samples.get(name)!.push(await timeOf(work, counts.get(name)!))
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]))
}

/** Runs until the compiler is done with the code, and says how many operations fill a round of about 60 ms. */
async function warmUp(work: Contender['work']): Promise<number> {
  const begin = performance.now()
  let count = 0
  while (performance.now() - begin < 1500) {
    await work()
    count += 1
  }
  return Math.max(3, Math.round((count * 60) / (performance.now() - begin)))
}

async function timeOf(work: Contender['work'], count: number): Promise<number> {
  const begin = process.cpuUsage()
  for (let index = 0; index < count; index += 1) await work()
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1000 / count
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!
}

/** A table whose first contender is ours; `goal` is what its figure is held to. */
export function report(
  title: string,
  figures: ReadonlyMap<string, number>,
  goal: { text: string; holds: boolean },
): void {
  console.log(`\n${title}`)
  const [ours] = figures.values()
  for (const [name, value] of figures) {
    console.log(`  ${name.padEnd(44)} ${value.toFixed(4).padStart(10)} ms   ours / this ${(ours! / value).toFixed(2)}`)
  }
  console.log(`  goal: ${goal.text}: ${goal.holds ? 'holds' : 'DOES NOT HOLD'}`)
  if (!goal.holds) process.exitCode = 1
}
