import { describe, expect, it } from 'vitest'
import { runVectors } from '../test/run-vectors.mjs'
import classic from '../test/vectors/classic-vectors.json' with { type: 'json' }
import encryption from '../test/vectors/encryption-vectors.json' with { type: 'json' }
import sm from '../test/vectors/sm-vectors.json' with { type: 'json' }
import * as crypto from './index.ts'

const results = await runVectors(crypto, { sm, encryption, classic })
const run = results.filter(({ result }) => result !== 'skipped')

describe('the published vectors, in a browser', () => {
  it.each(run.map((result) => [result.name, result] as const))('%s', (_name, { result, detail }) => {
    expect(detail).toBeUndefined()
    expect(result).toBe('passed')
  })

  it('are all there', () => {
    expect(run.length).toBeGreaterThanOrEqual(26)
  })
})
