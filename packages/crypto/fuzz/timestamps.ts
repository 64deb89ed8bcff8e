/** A timestamp source whose every answer is the same, for seeds. */
import { fixedClock } from '@zhicheng/core'
import type { Signer } from '../src/signer.ts'
import { answerTimestampRequest, type TimestampAnswerOptions } from '../src/timestamp-answer.ts'
import { createTimestampSource, type TimestampSource } from '../src/timestamp-request.ts'

/** How the timestamp authority of the seeds answers. */
export function timestampAnswers(signer: Signer): TimestampAnswerOptions {
  const clock = fixedClock('2026-05-31T01:02:04Z')
  return { signer, policy: '1.2.3.4.1', clock, serial: 4711n, accuracySeconds: 1 }
}

/** A source that asks this authority in the same process. */
export function seedTimestamps(signer: Signer): TimestampSource {
  return createTimestampSource({
    send: (request) => answerTimestampRequest(request, timestampAnswers(signer)),
    random: (length) => new Uint8Array(length).fill(7),
  })
}
