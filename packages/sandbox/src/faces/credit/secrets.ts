/** The gateway's two levels of secrets, issued by key and by secret, each with its end. */
import { type Clock, type Secret, secret, toBase64Url } from '@zhicheng/core'
import { type GatewayCall, type GatewaySecrets, verifyGatewayCall } from '@zhicheng/provider-zhejiang'

/** An application that is registered at the gateway. */
export interface CreditApp {
  appKey: string
  appSecret: Secret
}

const lifetimes = { refresh: 48 * 3_600_000, request: 15 * 60_000 }

/** Answers of the gateway's gate. `sign` stands for every mistake in the signature, as the real gateway is not known to tell more. */
export type GateResult = 'open' | 'unknown-app' | 'time' | 'sign' | 'expired'

/** Keeps the secrets of all applications, in memory. */
export interface SecretKeeper {
  /** Issues new secrets to who knows the application secret, or the refresh secret. */
  issue(call: GatewayCall, by: 'key' | 'secret'): GatewaySecrets | Exclude<GateResult, 'open'>
  /** Whether a business call may pass. */
  check(call: GatewayCall): GateResult
}

/** Makes the keeper. */
export function createSecretKeeper(clock: Clock, apps: readonly CreditApp[]): SecretKeeper {
  const held = new Map<string, GatewaySecrets>()
  const random = (): Secret => secret(toBase64Url(crypto.getRandomValues(new Uint8Array(24))))

  function judge(call: GatewayCall, key: Secret | undefined, end: number): GateResult {
    const now = clock.now().getTime()
    if (Math.abs(now - call.requestTime) > 300_000) return 'time'
    if (!key || !verifyGatewayCall(call, key)) return 'sign'
    return end > now ? 'open' : 'expired'
  }

  return {
    issue(call, by) {
      const app = apps.find(({ appKey }) => appKey === call.appKey)
      if (!app) return 'unknown-app'
      const old = held.get(app.appKey)
      const result =
        by === 'key'
          ? judge(call, app.appSecret, Number.POSITIVE_INFINITY)
          : judge(call, old?.refreshSecret, old?.refreshSecretEndTime ?? 0)
      if (result !== 'open') return result
      const now = clock.now().getTime()
      const secrets: GatewaySecrets = {
        refreshSecret: random(),
        refreshSecretEndTime: now + lifetimes.refresh,
        requestSecret: random(),
        requestSecretEndTime: now + lifetimes.request,
      }
      held.set(app.appKey, secrets)
      return secrets
    },
    check(call) {
      const secrets = held.get(call.appKey)
      if (!secrets) return 'unknown-app'
      return judge(call, secrets.requestSecret, secrets.requestSecretEndTime)
    },
  }
}
