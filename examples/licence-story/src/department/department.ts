/** The department's system: the SDK wired to the platforms' papers, its own few routes, and the pages. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, secret } from '@zhicheng/core'
import { httpPublications } from '@zhicheng/credit'
import { parseCertificates } from '@zhicheng/crypto'
import { foodBusinessLicence, httpCaseReturnSink, type MaterialStorage } from '@zhicheng/intake'
import type { DepartmentRegistration } from '@zhicheng/sandbox'
import {
  createSupport,
  downloadedLists,
  oidc,
  type Support,
  sqliteStore,
  tsa,
  wechatPay,
  zhejiang,
  zhejiangCredit,
} from '@zhicheng/sdk'
import { fileMaterials } from './file-materials.ts'
import { openDepartmentKeys } from './keys.ts'
import { readFont } from './licence.ts'
import { createWindowWork, type WindowWork, type WindowWorkOptions } from './window-work.ts'

/** Options of {@link createDepartment}. */
export interface DepartmentOptions {
  registration: DepartmentRegistration
  /** Where its database and its files lie. */
  folder: string
  logger?: Logger
  onIssued: NonNullable<WindowWorkOptions['onIssued']>
  onArchived: NonNullable<WindowWorkOptions['onArchived']>
}

/** A running department. */
export interface Department {
  readonly support: Support
  readonly work: WindowWork
  readonly storage: MaterialStorage
  readonly store: ReturnType<typeof sqliteStore>
  /** Certificates it trusts, PEM, by the name of their file. */
  readonly trust: Readonly<Record<'ca' | 'sm2-ca' | 'tsa' | 'seal-maker', string>>
  close(): Promise<void>
}

/** Wires the department. Every value of the configuration comes from the platforms' papers. */
export async function createDepartment({
  registration,
  folder,
  logger,
  ...hooks
}: DepartmentOptions): Promise<Department> {
  const { oidc: openid, zhejiang: zheliban, wechat, credit, caseReturn, archive, authority } = registration
  await mkdir(folder, { recursive: true })
  const font = await readFont()
  const [keys, trust] = await Promise.all([openDepartmentKeys({ registration, font }), readTrust(authority.url)])
  const store = sqliteStore({ file: join(folder, 'department.db') })
  const storage = fileMaterials(join(folder, 'files'))
  // The window is wired after the layer it works with; effects come only once the jobs run.
  let work: WindowWork | undefined
  const support = await createSupport({
    baseUrl: registration.department.origin,
    store,
    session: { secrets: [secret(randomBytes(32).toString('base64url'))] },
    providers: {
      identity: [
        zhejiang({ ...zheliban, secretKey: secret(zheliban.secretKey) }),
        oidc({
          id: 'oidc',
          name: '统一身份认证平台',
          issuer: openid.issuer,
          clientId: openid.clientId,
          clientSecret: secret(openid.clientSecret),
        }),
      ],
      pay: [
        wechatPay({
          ...wechat,
          apiV3Key: secret(wechat.apiV3Key),
          merchantKey: { ...wechat.merchantKey, pem: secret(wechat.merchantKey.pem) },
        }),
      ],
      credit: zhejiangCredit({
        gatewayUrl: credit.gatewayUrl,
        appKey: credit.appKey,
        appSecret: secret(credit.appSecret),
        interfaces: credit.interfaces,
      }),
    },
    publications: httpPublications({ url: credit.publicationsUrl }),
    orderEffects: async (effect) => work?.feePaid(effect),
    intake: {
      items: [foodBusinessLicence],
      materials: storage,
      caseReturn: {
        sink: httpCaseReturnSink({ url: caseReturn.url }),
        belongSystem: caseReturn.belongSystem,
        fileUrl: ({ id }) => `${registration.department.origin}/api/documents/${id}`,
      },
    },
    signers: { licence: keys.licence, officialSeal: keys.officialSeal },
    seals: { officialSeal: keys.seal },
    trust: [...parseCertificates(trust.ca), ...parseCertificates(trust['sm2-ca'])],
    sealMakers: parseCertificates(trust['seal-maker']),
    revocationLists: downloadedLists([`${authority.url}/ca.crl`, `${authority.url}/sm2-ca.crl`]),
    timestamps: tsa({ url: registration.timestamps.url }),
    archive: { url: archive.url, depositor: foodBusinessLicence.department.uscc, logKey: archive.logKey },
    ...(logger ? { logger } : {}),
  })
  work = createWindowWork({ support, store, storage, font, now: () => new Date(), ...hooks })
  support.start()
  return { support, work, storage, store, trust, close: () => support.close() }
}

async function readTrust(url: string): Promise<Department['trust']> {
  const read = async (name: string): Promise<string> => (await fetch(`${url}/${name}.pem`)).text()
  const [ca, sm2, tsaCertificate, maker] = await Promise.all([
    read('ca'),
    read('sm2-ca'),
    read('tsa'),
    read('seal-maker'),
  ])
  return { ca, 'sm2-ca': sm2, tsa: tsaCertificate, 'seal-maker': maker }
}
