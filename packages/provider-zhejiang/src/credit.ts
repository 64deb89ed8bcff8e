/** Zhejiang's public-credit interfaces behind the public-data gateway, as a credit provider. */
import type { Secret } from '@zhicheng/core'
import { type CreditProviderV1, creditError, type Purpose } from '@zhicheng/credit'
import type { allowInsecureHttp } from '@zhicheng/identity'
import {
  formatFeedbackParameters,
  parseCreditPayload,
  parseFeedbackPayload,
  sampleCreditProfile,
  type ZhejiangCreditProfile,
} from './credit-profile.ts'
import { createPublicDataGateway, type PublicDataGatewayOptions } from './public-data-gateway.ts'
import type { GatewayInterface, GatewayPurpose } from './public-data-gateway-messages.ts'

/** Options of {@link zhejiangCredit}. */
export interface ZhejiangCreditOptions extends PublicDataGatewayOptions {
  /** Default `zhejiang`. */
  id?: string
  appSecret: Secret
  /** The two interfaces as they were granted. */
  interfaces: { query: GatewayInterface; feedback: GatewayInterface }
  /** Field names; the sample profile unless told, which is the sandbox's and no real interface's. */
  profile?: ZhejiangCreditProfile
  [allowInsecureHttp]?: true
}

/** Interfaces under which the sandbox offers credit. */
export const sampleCreditInterfaces: ZhejiangCreditOptions['interfaces'] = {
  query: { id: '330000000000001', segment: 'dataSharing', code: 'creditQuery' },
  feedback: { id: '330000000000002', segment: 'dataSharing', code: 'creditFeedback' },
}

/**
 * Makes the provider. It asks about organisations only.
 *
 * @example
 * ```ts
 * const provider = zhejiangCredit({
 *   gatewayUrl: 'http://127.0.0.1:4600/credit', appKey: 'sandbox-window', appSecret: secret(process.env.CREDIT_SECRET),
 *   interfaces: sampleCreditInterfaces,
 * })
 * ```
 */
export function zhejiangCredit(options: ZhejiangCreditOptions): CreditProviderV1 {
  const { id = 'zhejiang', interfaces, profile = sampleCreditProfile, ...gatewayOptions } = options
  const gateway = createPublicDataGateway(gatewayOptions)
  return {
    specification: 'v1',
    id,

    async query({ checkId, subject, purpose }, environment) {
      if (subject.kind !== 'organisation') throw unsupported()
      const operation = 'credit.query'
      const { query } = profile
      const { datas } = await gateway.call(
        {
          operation,
          target: interfaces.query,
          parameters: { [query.uscc]: subject.uscc, [query.name]: subject.name, [query.key]: checkId },
          purpose: formatPurpose(purpose, { sponsorName: subject.name, sponsorCode: subject.uscc }),
          idempotent: true,
        },
        environment,
      )
      return parseCreditPayload(datas, profile) ?? fail(operation)
    },

    async feedback(input, environment) {
      const { subject, purpose } = input
      if (subject.kind !== 'organisation') throw unsupported()
      const operation = 'credit.feedback'
      const { datas } = await gateway.call(
        {
          operation,
          target: interfaces.feedback,
          parameters: formatFeedbackParameters(input, subject.uscc, profile),
          purpose: formatPurpose({ ...purpose, caseNumber: input.caseNumber }, { sponsorCode: subject.uscc }),
          idempotent: true,
        },
        environment,
      )
      return { receipt: parseFeedbackPayload(datas, profile) ?? fail(operation) }
    },
  }
}

/** The purpose under the gateway's names. */
function formatPurpose(
  { powerMatter, subPowerMatter, accessedBy, replacedMaterial, caseNumber }: Omit<Purpose, 'consent'>,
  sponsor: Pick<GatewayPurpose, 'sponsorName' | 'sponsorCode'>,
): GatewayPurpose {
  return {
    powerMatters: powerMatter,
    subPowerMatters: subPowerMatter,
    accesscardId: accessedBy,
    ...(replacedMaterial === undefined ? {} : { materialName: replacedMaterial }),
    ...sponsor,
    ...(caseNumber === undefined ? {} : { projectId: caseNumber }),
  }
}

function unsupported(): Error {
  return creditError(
    'ERR_CREDIT_SUBJECT_UNSUPPORTED',
    'The credit interfaces of this provider are asked about organisations only. Nothing was asked.',
    { outcome: 'not_sent' },
  )
}

/** The gateway let the call through and the interface behind it did not answer as agreed. */
function fail(operation: string): never {
  throw creditError('ERR_CREDIT_PLATFORM_ANSWER_INVALID', `The payload of ${operation} is not as the profile says.`, {
    outcome: 'unknown',
    facts: { operation },
  })
}
