/** The keys and secrets of a sandbox: made at its first start, marked as test keys, and kept if there is a place for them. */
import { type Clock, toBase64Url } from '@zhicheng/core'
import { formatCertificatePem, pemSigner, type Signer } from '@zhicheng/crypto'
import {
  createTestAuthority,
  importTestAuthority,
  type SavedTestAuthority,
  type TestAuthority,
} from '@zhicheng/crypto/testing'
import { createLogKey } from '@zhicheng/evidence'
import type { JWK } from 'jose'
import { createWechatTestKeys, type WechatTestKeys } from '../faces/wechat/keys.ts'

/** Everything that survives a restart, as JSON. */
export interface SavedKeys {
  authorities: Record<'ca' | 'sm2-ca', SavedTestAuthority>
  signers: Record<'tsa' | 'sealMaker', { privateKeyPem: string; chainPem: string }>
  wechat: WechatTestKeys
  /** Private key of the archive's evidence log. */
  archiveLog: JWK
  secrets: Record<'oidcClient' | 'irs' | 'credit', string>
}

/** Keeps the keys between runs. */
export interface KeyShelf {
  load(): Promise<SavedKeys | undefined>
  save(keys: SavedKeys): Promise<void>
}

/** The keys in use. */
export interface SandboxKeys extends Pick<SavedKeys, 'wechat' | 'archiveLog' | 'secrets'> {
  readonly authorities: Readonly<Record<'ca' | 'sm2-ca', TestAuthority>>
  readonly tsa: Signer
  readonly sealMaker: Signer
}

/** Takes the kept keys, or makes new ones and keeps them. */
export async function openKeys({
  origin,
  clock,
  shelf,
}: {
  origin: string
  clock: Clock
  shelf?: KeyShelf
}): Promise<SandboxKeys> {
  let saved = await shelf?.load()
  if (!saved) {
    saved = await createKeys(origin, clock)
    await shelf?.save(saved)
  }
  const { authorities, signers, wechat, archiveLog, secrets } = saved
  return {
    authorities: {
      ca: importTestAuthority(authorities.ca, { clock }),
      'sm2-ca': importTestAuthority(authorities['sm2-ca'], { clock }),
    },
    tsa: pemSigner({ key: signers.tsa.privateKeyPem, certificateChain: signers.tsa.chainPem }),
    sealMaker: pemSigner({ key: signers.sealMaker.privateKeyPem, certificateChain: signers.sealMaker.chainPem }),
    wechat,
    archiveLog,
    secrets,
  }
}

async function createKeys(origin: string, clock: Clock): Promise<SavedKeys> {
  const [ca, sm2, wechat, archiveLog] = await Promise.all([
    createTestAuthority({ algorithm: 'ec-p256', name: '样例测试根CA', clock, crlUrl: `${origin}/ca/ca.crl` }),
    createTestAuthority({ algorithm: 'sm2', name: '样例测试根CA（SM2）', clock, crlUrl: `${origin}/ca/sm2-ca.crl` }),
    createWechatTestKeys(clock),
    createLogKey({ test: true }),
  ])
  const [tsa, sealMaker] = await Promise.all([
    ca.createSigner({ profile: 'timestamping', commonName: '样例时间戳服务', organization: '样例时间戳服务单位' }),
    sm2.createSigner({ profile: 'seal-making', commonName: '样例电子印章制作系统', organization: '样例制章单位' }),
  ])
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  return {
    authorities: { ca: ca.export(), 'sm2-ca': sm2.export() },
    signers: { tsa: keepSigner(tsa), sealMaker: keepSigner(sealMaker) },
    wechat,
    archiveLog: archiveLog.privateKey.reveal(),
    secrets: {
      oidcClient: toBase64Url(random(32)),
      irs: toBase64Url(random(32)),
      credit: toBase64Url(random(24)),
    },
  }
}

function keepSigner(signer: Signer & { privateKeyPem: string }): { privateKeyPem: string; chainPem: string } {
  const chainPem = signer.certificateChain.map((certificate) => formatCertificatePem(certificate)).join('')
  return { privateKeyPem: signer.privateKeyPem, chainPem }
}
