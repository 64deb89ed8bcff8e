/** Timestamps: tokens, the answers they come in, and the requests that an authority gets from anybody. */
import { utf8 } from '@zhicheng/core'
import { parseDer, readSmallInteger } from '../../src/der.ts'
import { hash } from '../../src/hash.ts'
import { answerTimestampRequest } from '../../src/timestamp-answer.ts'
import { processTimestampResponse, requestTimestamp } from '../../src/timestamp-request.ts'
import { parseTimestampToken, type TimestampImprint, verifyTimestampToken } from '../../src/timestamp-token.ts'
import { type SeedAuthority, seedAuthorities, seedAuthority } from '../authority.ts'
import { describeValue } from '../claims.ts'
import { type Target, Violation } from '../target.ts'
import { timestampAnswers } from '../timestamps.ts'

const nonce = 31n
const file = utf8('样例归档目录')
const imprint: TimestampImprint = { algorithm: 'sha256', value: hash('sha256', file) }

async function answers(): Promise<Uint8Array[]> {
  const request = requestTimestamp(imprint, { nonce })
  const make = ({ timestampSigner }: SeedAuthority) =>
    answerTimestampRequest(request, timestampAnswers(timestampSigner))
  return Promise.all((await seedAuthorities()).map(make))
}

/** Accepted is a token over the file that is valid and whose authority is trusted. */
export const timestampTarget: Target = {
  name: 'timestamp',
  seeds: async () => (await answers()).map((answer) => processTimestampResponse(answer, { imprint, nonce })),
  run: verify,
}

/** Accepted is an answer to the request that holds such a token. */
export const timestampAnswerTarget: Target = {
  name: 'timestamp-answer',
  seeds: answers,
  run: (input) => verify(processTimestampResponse(input, { imprint, nonce })),
}

async function verify(input: Uint8Array) {
  const token = parseTimestampToken(input)
  const anchors = (await seedAuthorities()).map(({ root }) => root)
  const { status, chain, certificate } = await verifyTimestampToken(token, { imprint, anchors })
  if (status !== 'valid') return { accepted: false, label: status }
  if (chain?.status !== 'trusted' || chain.validity !== 'valid') return { accepted: false, label: `${chain?.status}` }
  const { der: _der, signedData, ...claimed } = token
  const claims = [describeValue({ ...claimed, content: signedData.content }), describeValue(certificate?.der)]
  return { accepted: true, label: 'valid', claims }
}

/** The authority answers whatever it is asked: it never fails, and never signs over what was not asked for. */
export const timestampRequestTarget: Target = {
  name: 'timestamp-request',
  seeds: () => [
    requestTimestamp(imprint, { nonce }),
    requestTimestamp(imprint, { policy: '1.2.3.4.1', certReq: false }),
    requestTimestamp({ algorithm: 'sm3', value: hash('sm3', file) }),
  ],
  async run(input) {
    const { timestampSigner } = await seedAuthority('ed25519')
    const answer = await answerTimestampRequest(input, timestampAnswers(timestampSigner))
    const [status, granted] = parseDer(answer).children
    if (readSmallInteger(status!.children[0]) !== 0) return { accepted: false, label: 'rejected' }
    const token = parseTimestampToken(granted!.bytes)
    const asked = Buffer.from(input).includes(Buffer.from(token.imprint.value))
    if (!asked) throw new Violation('The token is over a digest that the request does not hold.')
    return { accepted: true, label: 'granted' }
  },
}
