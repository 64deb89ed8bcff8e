/** The keys of the WeChat Pay face: one merchant's and the platform's, made for tests and marked so in their certificates. */
import { type Clock, toHex } from '@zhicheng/core'
import { formatCertificatePem, formatPublicKeyPem } from '@zhicheng/crypto'
import { createTestAuthority } from '@zhicheng/crypto/testing'

/** All keys as JSON, so that they can be kept between two runs. */
export interface WechatTestKeys {
  merchant: {
    merchantId: string
    appId: string
    /** APIv3 key (APIv3 密钥), 32 bytes. */
    apiV3Key: string
    serial: string
    privateKeyPem: string
    certificatePem: string
  }
  platform: {
    /** Serial of the public-key mode: `PUB_KEY_ID_…`. */
    publicKeyId: string
    publicKeyPem: string
    /** The same key in a platform certificate (平台证书), for the certificate mode. */
    serial: string
    certificatePem: string
    privateKeyPem: string
  }
}

/** Makes new keys. */
export async function createWechatTestKeys(clock: Clock): Promise<WechatTestKeys> {
  const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例微信支付测试CA', clock })
  const [merchant, platform] = await Promise.all(
    ['样例商户API证书', '样例微信支付平台证书'].map((commonName) =>
      authority.createSigner({ algorithm: 'rsa-2048', profile: 'platform', commonName }),
    ),
  )
  const [merchantCertificate] = merchant!.certificateChain
  const [platformCertificate] = platform!.certificateChain
  return {
    merchant: {
      merchantId: '1900000001',
      appId: 'wx0000000000000001',
      apiV3Key: toHex(crypto.getRandomValues(new Uint8Array(16))),
      serial: merchantCertificate.serialNumber.toUpperCase(),
      privateKeyPem: merchant!.privateKeyPem,
      certificatePem: formatCertificatePem(merchantCertificate),
    },
    platform: {
      publicKeyId: 'PUB_KEY_ID_0119000000012026112400000000000001',
      publicKeyPem: formatPublicKeyPem(platformCertificate.publicKey),
      serial: platformCertificate.serialNumber.toUpperCase(),
      certificatePem: formatCertificatePem(platformCertificate),
      privateKeyPem: platform!.privateKeyPem,
    },
  }
}
