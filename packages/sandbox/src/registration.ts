/** What each platform hands to a department that registers: addresses, numbers and keys, all of them for tests. */
import { type LogKey, publicLogKey } from '@zhicheng/evidence'
import { sampleCreditInterfaces, type ZhejiangCreditOptions } from '@zhicheng/provider-zhejiang'
import { zhelibanAddresses } from './faces/zheliban/index.ts'
import type { SandboxKeys } from './lib/keys.ts'

/** The papers of one department, as JSON. The secrets are in clear: they are worth nothing outside this sandbox. */
export interface DepartmentRegistration {
  /** Says what all of it is. */
  notice: string
  /** Where the department's system is, and where its handler is mounted. */
  department: { origin: string; basePath: string }
  oidc: { issuer: string; clientId: string; clientSecret: string; redirectUri: string }
  zhejiang: {
    portalUrl: string
    gatewayUrl: string
    appId: string
    accessKey: string
    secretKey: string
    callbackUrl: string
    /** Attributes in which this platform carries the assurance level. */
    assurance: { personAttribute: string; legalPersonAttribute: string }
  }
  wechat: {
    baseUrl: string
    merchantId: string
    appId: string
    apiV3Key: string
    merchantKey: { pem: string; serial: string }
    platformKeys: Record<string, string>
    notifyUrl: string
  }
  credit: {
    gatewayUrl: string
    appKey: string
    appSecret: string
    /** The two interfaces as they were granted. */
    interfaces: ZhejiangCreditOptions['interfaces']
    publicationsUrl: string
  }
  /** Case return to the province. */
  caseReturn: { url: string; belongSystem: string }
  /** The archive, and the public key of its evidence log. */
  archive: { url: string; logKey: LogKey }
  timestamps: { url: string }
  authority: { url: string }
  sealMaker: { url: string }
  /** The remote signing service, and the keys it keeps for the department. */
  remoteSigning: {
    baseUrl: string
    clientId: string
    clientSecret: string
    pin: string
    credentials: Record<'rsa' | 'p256' | 'sm2', string>
  }
}

/** Writes the papers of a department. */
export async function registerDepartment({
  origin,
  department,
  keys,
}: {
  origin: string
  department: { origin: string; basePath: string }
  keys: SandboxKeys
}): Promise<DepartmentRegistration> {
  const callback = (provider: string): string =>
    `${department.origin}${department.basePath}/identity/callback/${provider}`
  const logKey = await publicLogKey(keys.archiveLog)
  const { merchant, platform } = keys.wechat
  return {
    notice: '测试专用：这些密钥只在本地沙箱中有效。Test material: valid in this sandbox only.',
    department,
    oidc: {
      issuer: `${origin}/oidc`,
      clientId: 'window',
      clientSecret: keys.secrets.oidcClient,
      redirectUri: callback('oidc'),
    },
    zhejiang: {
      ...zhelibanAddresses(origin),
      appId: '2001000001',
      accessKey: 'sandbox-window',
      secretKey: keys.secrets.irs,
      callbackUrl: callback('zhejiang'),
      assurance: { personAttribute: 'authLevel', legalPersonAttribute: 'realLevel' },
    },
    wechat: {
      baseUrl: `${origin}/wechat`,
      merchantId: merchant.merchantId,
      appId: merchant.appId,
      apiV3Key: merchant.apiV3Key,
      merchantKey: { pem: merchant.privateKeyPem, serial: merchant.serial },
      platformKeys: { [platform.publicKeyId]: platform.publicKeyPem, [platform.serial]: platform.certificatePem },
      notifyUrl: `${department.origin}${department.basePath}/pay/notifications/wechat`,
    },
    credit: {
      gatewayUrl: `${origin}/credit`,
      appKey: 'sandbox-window',
      appSecret: keys.secrets.credit,
      interfaces: sampleCreditInterfaces,
      publicationsUrl: `${origin}/credit/publications`,
    },
    caseReturn: { url: `${origin}/intake`, belongSystem: '330199-window' },
    archive: { url: `${origin}/archive`, logKey },
    timestamps: { url: `${origin}/tsa` },
    authority: { url: `${origin}/ca` },
    sealMaker: { url: `${origin}/seal-maker` },
    remoteSigning: {
      baseUrl: `${origin}/csc`,
      clientId: 'window',
      clientSecret: keys.secrets.remoteClient,
      pin: keys.secrets.remotePin,
      credentials: { rsa: 'window-rsa', p256: 'window-p256', sm2: 'window-sm2' },
    },
  }
}
