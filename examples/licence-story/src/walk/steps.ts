/** Records what each step of the story did and how long it took; a step that fails is recorded too. */

/** One step as `story.json` tells it. */
export interface StepRecord {
  step: string
  title: string
  /** What happened, in facts that can be looked up in the other files. */
  did: Record<string, unknown>
  milliseconds: number
  ok: boolean
}

/** Keeps the record. */
export interface Recorder {
  readonly steps: readonly StepRecord[]
  run<Did extends Record<string, unknown>>(step: string, title: string, work: () => Promise<Did>): Promise<Did>
}

/** Makes a recorder that prints each step once it is done. */
export function createRecorder(print: (line: string) => void): Recorder {
  const steps: StepRecord[] = []
  return {
    steps,
    async run(step, title, work) {
      const start = performance.now()
      const took = (): number => Math.round(performance.now() - start)
      try {
        const did = await work()
        steps.push({ step, title, did, milliseconds: took(), ok: true })
        print(`  ✓ ${title}  ${took()} ms`)
        return did
      } catch (error) {
        steps.push({ step, title, did: { error: (error as Error).message }, milliseconds: took(), ok: false })
        print(`  ✗ ${title}: ${(error as Error).message}`)
        throw error
      }
    },
  }
}

/** Throws unless something is as the story says; every claim it prints went through here. */
export function assert(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new Error(`This does not hold: ${claim}`)
}
