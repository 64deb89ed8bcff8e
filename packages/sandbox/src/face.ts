/** What a face of the sandbox is: one platform's real wire protocol, mounted under one path. */
import type { Clock, Logger } from '@zhicheng/core'

/** What a face gets from the sandbox around it. */
export interface FaceContext {
  /** Address of the sandbox without a trailing slash: `http://127.0.0.1:4600`. */
  readonly origin: string
  readonly clock: Clock
  /** How a face calls out, for notifications to the department; not for calling the sandbox itself. */
  readonly fetch: typeof globalThis.fetch
  readonly logger: Logger
  /** True if misbehaviour of this name was asked for, by `--chaos`, or by the header `x-sandbox-chaos` of the request. */
  chaos(name: string, request?: Request): boolean
}

/** One platform inside the sandbox. */
export interface Face {
  /** Name in the list of faces: `wechat`. */
  readonly id: string
  /** Chinese name for people: `微信支付`. */
  readonly title: string
  /** Where it is mounted; the face sees whole request addresses. */
  readonly path: `/${string}`
  /** Names of the misbehaviour it can show, each with one sentence. */
  readonly faults: Readonly<Record<string, string>>
  /** Answers a request under `path`. */
  fetch(request: Request): Promise<Response>
  close?(): Promise<void>
}
