/** Hashes what several signatures cover in one pass over the file: the shared beginning once, each tail for itself. */
import type { DigestAlgorithm } from '@zhicheng/core'
import { createHash, type Hash } from '@zhicheng/crypto'
import type { PdfFile } from './file.ts'
import type { SignedRange } from './signature-range.ts'

const chunkBytes = 1_048_576

/** A range to hash with one or more algorithms. */
export interface DigestRequest {
  readonly range: SignedRange
  readonly algorithms: ReadonlySet<DigestAlgorithm>
}

/** For each request the digests of its range. */
export async function digestRanges(
  file: PdfFile,
  requests: readonly DigestRequest[],
): Promise<Map<DigestRequest, Map<DigestAlgorithm, Uint8Array>>> {
  const shared = new Map<DigestAlgorithm, Hash>()
  for (const { algorithms } of requests) for (const each of algorithms) shared.set(each, createHash(each))
  const tails: { request: DigestRequest; algorithm: DigestAlgorithm; hash: Hash }[] = []
  const results = new Map<DigestRequest, Map<DigestAlgorithm, Uint8Array>>(
    requests.map((request) => [request, new Map<DigestAlgorithm, Uint8Array>()]),
  )
  const borders = [...new Set(requests.flatMap(({ range }) => [range.open, range.close, range.end]))].sort(
    (left, right) => left - right,
  )
  const lastOpen = Math.max(0, ...requests.map(({ range }) => range.open))
  let position = 0
  for (const border of borders) {
    for (; position < border; position = Math.min(border, position + chunkBytes)) {
      const chunk = await file.read(position, Math.min(chunkBytes, border - position))
      // Behind the last hole nobody needs the shared beginning any more.
      if (position < lastOpen) for (const hash of shared.values()) hash.update(chunk)
      for (const { request, hash } of tails) if (position >= request.range.close) hash.update(chunk)
    }
    for (const request of requests) {
      if (request.range.open === border) {
        for (const algorithm of request.algorithms) {
          tails.push({ request, algorithm, hash: shared.get(algorithm)!.copy() })
        }
      }
    }
    for (let index = tails.length - 1; index >= 0; index -= 1) {
      const { request, algorithm, hash } = tails[index]!
      if (request.range.end !== border) continue
      results.get(request)!.set(algorithm, hash.digest())
      tails.splice(index, 1)
    }
  }
  return results
}
