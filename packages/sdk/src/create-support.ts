/** The whole application-support layer (应用支撑体系) behind one call: capabilities, providers, keys and the host, wired. */
import {
  type DepositResult,
  type DepositSource,
  depositPackage,
  type ProvenReceipt,
  proveReceipt,
} from '@zhicheng/archive'
import { type Clock, type Logger, silentLogger, systemClock } from '@zhicheng/core'
import { chinaCalendar, type WorkingDayCalendar } from '@zhicheng/core/calendar'
import { type Credit, type CreditProviderV1, createCredit, type PublicationSink } from '@zhicheng/credit'
import type { Certificate, Signer, TimestampSource } from '@zhicheng/crypto'
import { createHost } from '@zhicheng/host'
import { createIdentity, type Identity, type IdentityProviderV1, type SessionOptions } from '@zhicheng/identity'
import {
  type CaseReturnOptions,
  createIntake,
  type Intake,
  type MaterialStorage,
  type ServiceItem,
} from '@zhicheng/intake'
import { createPay, type OrderEffect, type Pay, type PaymentProviderV1 } from '@zhicheng/pay'
import type { Store } from '@zhicheng/store'
import { createCaseDesk } from './desks/case-desk.ts'
import { createOrderDesk } from './desks/order-desk.ts'
import { caseDocuments, createDocumentDesk, type DocumentShelf } from './documents.ts'
import { supportError } from './errors.ts'
import { createSealDesk, type SealDesk } from './seal-desk.ts'
import type { RevocationListSource } from './trust.ts'

/** Configuration of a department's system. What is left out is not there; using it throws `ERR_SUPPORT_NOT_CONFIGURED`. */
export interface SupportConfig {
  /** Address of the department's system as browsers see it: `https://window.example.gov.cn`. */
  baseUrl: string
  /** Where the handler for the elements is mounted. Default `/api`. */
  basePath?: `/${string}`
  /** Where state is kept: `sqliteStore({ file })`, or `memoryStore()` where losing it does no harm. */
  store: Store
  session?: SessionOptions
  providers?: {
    identity?: readonly IdentityProviderV1[]
    pay?: readonly PaymentProviderV1[]
    credit?: CreditProviderV1
  }
  /** Where publication records (双公示) go. */
  publications?: PublicationSink
  /** What happens once an order is paid, or needs a person. It may be told twice, always under the same key. */
  orderEffects?: (effect: OrderEffect) => Promise<void>
  intake?: { items: readonly ServiceItem[]; materials: MaterialStorage; caseReturn?: CaseReturnOptions }
  /** Signers by name: `support.seal.pdf.sign(file, { signer: 'licence', … })`. */
  signers?: Readonly<Record<string, Signer>>
  /** Electronic seals (SES) by name. */
  seals?: Readonly<Record<string, Uint8Array>>
  /** Trusted certificates; `trustDirectory('./trust')` reads a folder. Without them nothing can be TOTAL-PASSED. */
  trust?: readonly Certificate[] | Promise<readonly Certificate[]>
  /** Seal makers (制章人) whose seals are accepted; without them any maker under a trusted root is. */
  sealMakers?: readonly Certificate[]
  /** Revocation lists; `downloadedLists([url])` keeps them fresh. */
  revocationLists?: RevocationListSource
  timestamps?: TimestampSource
  /** Where cases are deposited, by whom, and the key its receipts are verified with. */
  archive?: { url: string; depositor: string; logKey: unknown }
  /** Documents people may fetch and have verified. Default: those that came out of their cases. */
  documents?: DocumentShelf
  calendar?: WorkingDayCalendar
  clock?: Clock
  fetch?: typeof globalThis.fetch
  logger?: Logger
}

/** Deposits at the configured archive. */
export interface ArchiveDesk {
  /** Uploads a package and verifies the receipt before it returns. `number` is the case's 电子文件号. */
  deposit(source: DepositSource, options: { number: string; signal?: AbortSignal }): Promise<DepositResult>
  /** Verifies a receipt offline, and that it is for this package. */
  prove(receipt: unknown, options?: { package?: Uint8Array }): Promise<ProvenReceipt>
}

/** The wired layer. */
export interface Support {
  readonly identity: Identity
  readonly credit: Credit
  readonly pay: Pay
  readonly intake: Intake
  readonly seal: SealDesk
  readonly archive: ArchiveDesk
  /** The documents people may fetch. */
  readonly documents: DocumentShelf
  /** Answers what is under the base path, login included; `undefined` for every other address. */
  handle(request: Request): Promise<Response | undefined>
  /** Starts the jobs: effects of payments, polls, feedback, case return. In one process at least. */
  start(): void
  /** Stops the jobs, waits for those that run, and closes the store. */
  close(): Promise<void>
}

/**
 * Wires the layer. Nothing is sent and no job runs before `start()` or a call.
 *
 * @example
 * ```ts
 * const support = await createSupport({
 *   baseUrl: 'https://window.example.gov.cn',
 *   store: sqliteStore({ file: './zhicheng.db' }),
 *   session: { secrets: [secret(process.env.SESSION_SECRET!)] },
 *   providers: { identity: [zhejiang({ … })], pay: [wechatPay({ … })], credit: zhejiangCredit({ … }) },
 *   signers: { licence: await pkcs12Signer({ file, password }) },
 *   trust: trustDirectory('./trust'), timestamps: tsa({ url }),
 * })
 * ```
 */
export async function createSupport(config: SupportConfig): Promise<Support> {
  const { clock = systemClock, fetch = globalThis.fetch, logger = silentLogger, basePath = '/api', store } = config
  const { providers = {}, calendar = chinaCalendar() } = config
  const outside = { clock, fetch, logger }
  const identity = configured('identity', providers.identity && config.session, (session) =>
    createIdentity({
      ...outside,
      providers: providers.identity!,
      session,
      baseUrl: config.baseUrl,
      basePath: `${basePath}/identity`,
    }),
  )
  const pay = configured('pay', providers.pay, (channels) =>
    createPay({
      ...outside,
      store,
      providers: channels,
      orderEffects: config.orderEffects ?? (async () => undefined),
    }),
  )
  const credit = configured('credit', providers.credit, (provider) =>
    createCredit({
      ...outside,
      store,
      provider,
      ...(config.publications ? { publications: config.publications } : {}),
    }),
  )
  const intake = configured('intake', config.intake, (parts) =>
    createIntake({ clock, logger, store, calendar, documentUrl: (id) => `${basePath}/documents/${id}`, ...parts }),
  )
  const shelf = config.documents ?? (intake.value && caseDocuments(intake.value, config.intake!.materials))
  const documents = configured('documents', shelf, (given) => given)
  const archive = configured('archive', config.archive, (parts) => createArchiveDesk(parts, fetch))
  const seal = createSealDesk({
    signers: config.signers ?? {},
    seals: config.seals ?? {},
    trust: (await config.trust) ?? [],
    clock,
    ...(config.sealMakers ? { sealMakers: config.sealMakers } : {}),
    ...(config.revocationLists ? { revocationLists: config.revocationLists } : {}),
    ...(config.timestamps ? { timestamps: config.timestamps } : {}),
  })
  const host = configured('host', identity.value, (login) =>
    createHost({
      baseUrl: config.baseUrl,
      basePath,
      identity: login,
      logger,
      ...(pay.value ? { orders: createOrderDesk(pay.value) } : {}),
      ...(intake.value ? { cases: createCaseDesk(intake.value) } : {}),
      ...(shelf ? { documents: createDocumentDesk(shelf, seal) } : {}),
    }),
  )
  const runners = [pay.value?.runner, credit.value?.runner, intake.value?.runner].filter(
    (runner) => runner !== undefined,
  )

  return {
    seal,
    get identity() {
      return identity.need()
    },
    get pay() {
      return pay.need()
    },
    get credit() {
      return credit.need()
    },
    get intake() {
      return intake.need()
    },
    get archive() {
      return archive.need()
    },
    get documents() {
      return documents.need()
    },
    handle: (request) => host.need().handle(request),
    start() {
      for (const runner of runners) runner.start()
    },
    async close() {
      await Promise.all(runners.map((runner) => runner.stop()))
      await store.close()
    },
  }
}

interface Part<Value> {
  value: Value | undefined
  need(): Value
}

function configured<Options, Value>(
  name: string,
  options: Options | undefined,
  make: (options: Options) => Value,
): Part<Value> {
  const value = options === undefined ? undefined : make(options)
  return {
    value,
    need() {
      if (value !== undefined) return value
      throw supportError('ERR_SUPPORT_NOT_CONFIGURED', `The configuration of createSupport has nothing for "${name}".`)
    },
  }
}

function createArchiveDesk(
  { url, depositor, logKey }: NonNullable<SupportConfig['archive']>,
  fetch: typeof globalThis.fetch,
): ArchiveDesk {
  return {
    deposit: (source, options) => depositPackage(source, { ...options, url, depositor, logKey, fetch }),
    prove: (receipt, options = {}) => proveReceipt(receipt, { ...options, logKey }),
  }
}
