import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { concatBytes } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { minimise } from '../fuzz/minimise.ts'
import { mutate } from '../fuzz/mutate.ts'
import { createRandom } from '../fuzz/random.ts'
import { formatForest, parseForest } from '../fuzz/tree.ts'
import { der } from './der.ts'

const program = fileURLToPath(new URL('../fuzz/run.ts', import.meta.url))

function fuzz(...args: readonly string[]): { status: number | null; output: string } {
  const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@zhicheng/source']
  // The loader settings of the test runner are not for the program.
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, program, '--workers', '1', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  })
  return { status, output: stdout + stderr }
}

describe('the fuzzer', () => {
  it('ends with status 0 when nothing is wrong, and says what it did', { timeout: 60_000 }, () => {
    const { status, output } = fuzz('--seconds', '2', '--seed', '1')
    expect(output).toMatch(/\d+ inputs in .* a second/)
    expect(output).not.toContain('FINDING')
    expect(status).toBe(0)
  })

  it.each(['accept', 'crash', 'slow', 'hang'])('finds and shrinks a planted bug: %s', { timeout: 120_000 }, (plant) => {
    const { status, output } = fuzz('--seconds', '3', '--seed', '1', '--only', 'certificate', '--plant', plant)
    expect(output).toContain(`FINDING: ${plant} in certificate`)
    expect(status).toBe(1)
    const path = /^ {2}(\S+\.bin)$/m.exec(output)![1]!
    expect(existsSync(path)).toBe(true)
    const shrunk = readFileSync(path)
    // Two zeros at the end are all that three of the bugs want; the fourth wants a whole certificate. How far the two that
    // cost time are shrunk depends on how much of it there was.
    if (plant !== 'accept') expect([...shrunk.subarray(-2)]).toEqual([0, 0])
    expect(shrunk.length).toBeLessThan({ accept: 400, hang: 200, slow: 200 }[plant] ?? 3)
    const replay = ['--only', 'certificate', '--replay', path]
    expect(fuzz(...replay, '--plant', plant)).toMatchObject({ status: 1, output: expect.stringContaining(plant) })
    expect(fuzz(...replay).status).toBe(0)
  })

  it('does the same again for the same seed', { timeout: 60_000 }, () => {
    const run = (seed: string): string => {
      const { output } = fuzz('--runs', '300', '--only', 'der,cms,signature', '--seed', seed)
      // Times differ from run to run; inputs and answers do not.
      return output.split('answers that came most often')[1]!.split(' inputs in ')[0]!
    }
    const first = run('7')
    expect(run('7')).toBe(first)
    expect(run('8')).not.toBe(first)
  })

  it('refuses targets and plants that there are not', () => {
    expect(fuzz('--only', 'nothing')).toMatchObject({ status: 2, output: expect.stringContaining('no target nothing') })
    expect(fuzz('--plant', 'nothing')).toMatchObject({ status: 2, output: expect.stringContaining('no plant nothing') })
    expect(fuzz('--seconds', '0').status).toBe(2)
  })
})

describe('its parts', () => {
  const value = der.sequence(
    der.integer(5),
    der.octetString(der.sequence(der.oid('1.2.3'), der.bitString(der.null()))),
    der.explicit(0, der.utf8String('样例'.repeat(100))),
  )

  it('write a tree as they read it, and what is no DER too', () => {
    const broken = concatBytes(value, Uint8Array.of(0x30, 0x85, 1, 2))
    for (const bytes of [value, broken, value.subarray(0, 40), new Uint8Array(3)]) {
      expect(formatForest(parseForest(bytes))).toEqual(new Uint8Array(bytes))
    }
  })

  it('change every input they are given, mostly into another one', () => {
    const random = createRandom('parts')
    const changed = Array.from({ length: 500 }, () => mutate(value, [value], random))
    expect(new Set(changed.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBeGreaterThan(300)
    expect(value[0]).toBe(0x30)
  })

  it('shrink an input to what matters, and leave alone what cannot be smaller', async () => {
    const isBad = async (bytes: Uint8Array): Promise<boolean> => Buffer.from(bytes).includes('020105', 'hex')
    const budget = { tries: 2000, milliseconds: 10_000 }
    expect([...(await minimise(value, isBad, budget))]).toEqual([2, 1, 5])
    const never = async (): Promise<boolean> => false
    expect(await minimise(value, never, budget)).toBe(value)
  })
})
