import { beforeAll, describe, expect, it } from 'vitest'
import {
  byList,
  byResponse,
  hour,
  later,
  leaf,
  listOf,
  middle,
  prepareRevocation,
  recording,
  root,
  verify,
} from '../test/revocation-path.ts'
import { createOcspSource } from './revocation-source.ts'

beforeAll(prepareRevocation)

const nothing = async () => ({})

describe('a source of evidence', () => {
  it('is asked about every certificate whose status is open, once', async () => {
    const { asked, source } = recording(byResponse)
    expect(await verify({ revocation: source })).toMatchObject({
      revocation: { status: 'good', source: 'ocsp' },
      codes: [],
    })
    expect(asked).toEqual([leaf, middle.certificate])
  })

  it('is not asked where the evidence at hand tells', async () => {
    const { asked, source } = recording(byResponse)
    await verify({ revocation: source, crls: [await listOf(middle)] })
    expect(asked).toEqual([middle.certificate])
    const entry = { serialNumber: leaf.serialNumber, at: later(-hour) }
    const result = await verify({ revocation: source, crls: [await listOf(middle, [entry])] })
    expect(result.revocation.status).toBe('revoked')
    expect(asked).toHaveLength(1)
  })

  it('is not asked about a path that leads nowhere or breaks a rule', async () => {
    const { asked, source } = recording(byResponse)
    expect(await verify({ revocation: source, anchors: [] })).toMatchObject({ status: 'untrusted' })
    expect(await verify({ revocation: source, usage: 'timestamping' })).toMatchObject({
      status: 'broken',
      revocation: { status: 'not-checked' },
    })
    expect(await verify({ revocation: source, leaf: root.certificate, usage: 'any' })).toMatchObject({
      revocation: { status: 'not-checked' },
    })
    expect(asked).toEqual([])
  })

  it('of several is asked when those before it had nothing', async () => {
    const [first, second] = [recording(nothing), recording(byList)]
    const result = await verify({ revocation: [first.source, second.source] })
    expect(result).toMatchObject({ revocation: { status: 'good', source: 'crl' } })
    expect([first.asked.length, second.asked.length]).toEqual([2, 2])
    const [third, fourth] = [recording(byResponse), recording(byList)]
    await verify({ revocation: [third.source, fourth.source] })
    expect([third.asked.length, fourth.asked.length]).toEqual([2, 0])
  })

  it('of very many is asked no more than is useful', async () => {
    const many = Array.from({ length: 40 }, () => recording(nothing))
    const result = await verify({ revocation: many.map(({ source }) => source) })
    expect(result.revocation).toEqual({ status: 'unknown' })
    expect(many.flatMap(({ asked }) => asked)).toHaveLength(64)
  })

  it('that finds nothing leaves the status unknown, and its findings stand in the report', async () => {
    const finding = { code: 'REVOCATION_SOURCE_FAILED', severity: 'warning' as const, message: 'x' }
    const { source } = recording(async () => ({ findings: [finding] }))
    const result = await verify({ revocation: source })
    expect(result.revocation).toEqual({ status: 'unknown' })
    expect(result.findings).toContainEqual(finding)
  })

  it('that brings forged evidence changes nothing', async () => {
    const { source } = recording(async (question) => {
      const [response] = (await byResponse(question)).ocspResponses
      return { ocspResponses: [{ ...response!, signature: new Uint8Array(8) }] }
    })
    expect(await verify({ revocation: source })).toMatchObject({ revocation: { status: 'unknown' } })
  })

  it('passes its own faults on, and the reason of an abort', async () => {
    const fault = new TypeError('broken')
    await expect(verify({ revocation: { find: () => Promise.reject(fault) } })).rejects.toBe(fault)
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    const revocation = createOcspSource({ send: async () => new Uint8Array() })
    await expect(verify({ revocation }, { signal: stop.signal })).rejects.toThrow('enough')
  })
})
