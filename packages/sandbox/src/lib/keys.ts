/** The keys and secrets of a sandbox: made at its first start, marked as test keys, and kept if there is a place for them. */
import { type Clock, toBase64Url } from '@zhicheng/core'
import { formatCertificatePem, parsePrivateKey, pemSigner, type Signer } from '@zhicheng/crypto'
import { createTestAuthority, importTestAuthority, type TestAuthority } from '@zhicheng/crypto/testing'
import { createLogKey, publicLogKey } from '@zhicheng/evidence'
import { sandboxError } from '../errors.ts'
import { createWechatTestKeys } from '../faces/wechat/keys.ts'
import { isSavedKeys, type KeyShelf, type SavedKeys } from './saved-keys.ts'

/** The keys in use. */
export interface SandboxKeys extends Pick<SavedKeys, 'wechat' | 'archiveLog' | 'secrets'> {
  readonly authorities: Readonly<Record<'ca' | 'sm2-ca', TestAuthority>>
  readonly tsa: Signer
  readonly sealMaker: Signer
}

/** Takes the kept keys, or makes new ones and keeps them. Throws `ERR_SANDBOX_STATE` for kept keys that are damaged. */
export async function openKeys({
  origin,
  clock,
  shelf,
}: {
  origin: string
  clock: Clock
  shelf?: KeyShelf
}): Promise<SandboxKeys> {
  const kept = await shelf?.load()
  if (kept !== undefined) {
    try {
      return await useKeys(kept, { origin, clock })
    } catch (cause) {
      throw sandboxError(
        'ERR_SANDBOX_STATE',
        `The keys ${shelf?.place ? `in ${shelf.place}` : 'that were kept'} are damaged; remove them, and new test keys are made.`,
        cause,
      )
    }
  }
  const made = await createKeys(origin, clock)
  await shelf?.save(made)
  return useKeys(made, { origin, clock })
}

async function useKeys(saved: SavedKeys, { origin, clock }: { origin: string; clock: Clock }): Promise<SandboxKeys> {
  if (!isSavedKeys(saved)) throw new TypeError('A part is missing.')
  const { authorities, signers, wechat, archiveLog, secrets } = saved
  await publicLogKey(archiveLog)
  for (const { privateKeyPem } of [wechat.merchant, wechat.platform]) parsePrivateKey(privateKeyPem)
  // Kept keys may be used at another port than they were made at.
  const open = (name: 'ca' | 'sm2-ca'): TestAuthority =>
    importTestAuthority({ ...authorities[name], ...addressesOf(name, origin) }, { clock })
  return {
    authorities: { ca: open('ca'), 'sm2-ca': open('sm2-ca') },
    tsa: pemSigner({ key: signers.tsa.privateKeyPem, certificateChain: signers.tsa.chainPem }),
    sealMaker: pemSigner({ key: signers.sealMaker.privateKeyPem, certificateChain: signers.sealMaker.chainPem }),
    wechat,
    archiveLog,
    secrets,
  }
}

/** Where an authority's certificates say that their revocation is told. */
function addressesOf(name: 'ca' | 'sm2-ca', origin: string): { crlUrl: string; ocspUrl: string } {
  return { crlUrl: `${origin}/ca/${name}.crl`, ocspUrl: `${origin}/ocsp/${name}` }
}

async function createKeys(origin: string, clock: Clock): Promise<SavedKeys> {
  const [ca, sm2, wechat, archiveLog] = await Promise.all([
    createTestAuthority({ algorithm: 'ec-p256', name: '样例测试根CA', clock, ...addressesOf('ca', origin) }),
    createTestAuthority({ algorithm: 'sm2', name: '样例测试根CA（SM2）', clock, ...addressesOf('sm2-ca', origin) }),
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
