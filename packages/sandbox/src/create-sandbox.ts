/** The local platform: every face behind one `fetch`, with the same clock, keys and misbehaviour. */
import { type Clock, type Logger, silentLogger, systemClock } from '@zhicheng/core'
import { type CertificateList, formatCertificatePem, parseCertificateList, type Signer } from '@zhicheng/crypto'
import { sandboxError } from './errors.ts'
import type { Face, FaceContext } from './face.ts'
import { json, problem } from './lib/answers.ts'
import { closeFaces, createFaces, type FaceMakers } from './lib/create-faces.ts'
import { frontPage } from './lib/front-page.ts'
import { openKeys, type SandboxKeys } from './lib/keys.ts'
import type { KeyShelf } from './lib/saved-keys.ts'
import { type DepartmentRegistration, registerDepartment } from './registration.ts'

/** Options of {@link createSandbox}. */
export interface SandboxOptions {
  /** Address at which the sandbox is reached, without a path. Default `http://127.0.0.1:4600`. */
  origin?: string
  /** The department that is registered at every platform: where its system is, and where its handler is mounted. */
  department?: { origin: string; basePath?: `/${string}` }
  /** Names of misbehaviour that is on from the start. A request adds its own in the header `x-sandbox-chaos`. */
  chaos?: readonly string[]
  clock?: Clock
  /** How the platforms call the department. */
  fetch?: typeof globalThis.fetch
  logger?: Logger
  /** Keeps the keys between runs; without it they are made anew. */
  keys?: KeyShelf
  /** Further faces, such as those that need Node; one of the same path replaces ours. */
  faces?: FaceMakers
}

/** A running sandbox. */
export interface Sandbox {
  readonly origin: string
  /** Answers a request to any face. */
  fetch(request: Request): Promise<Response>
  /** The faces, once everything is ready. */
  faces(): Promise<readonly Face[]>
  /** What the platforms would have handed to the department. */
  registration(): Promise<DepartmentRegistration>
  /** A signer whose key is made here, with the test authority that certified it: its certificate (PEM) and its list. */
  testSigner(options: {
    commonName: string
    algorithm?: 'ec-p256' | 'sm2'
  }): Promise<{ signer: Signer; ca: string; crl: CertificateList }>
  close(): Promise<void>
}

/**
 * Makes the platform, in memory. It opens no socket: `startSandbox` of the `./node` subpath does, and MSW can too.
 *
 * @example
 * ```ts
 * const sandbox = createSandbox({ origin: 'https://sandbox.test' })
 * const answer = await sandbox.fetch(new Request('https://sandbox.test/ca/ca.pem'))
 * ```
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { clock = systemClock, fetch = globalThis.fetch, logger = silentLogger, faces: further = {} } = options
  const origin = readOrigin(options.origin ?? 'http://127.0.0.1:4600')
  const department = { basePath: '/api', origin: 'http://127.0.0.1:4700', ...options.department }
  const wanted = new Set(options.chaos ?? [])
  const context: FaceContext = {
    origin,
    clock,
    fetch,
    logger,
    chaos: (name, request) => wanted.has(name) || (request !== undefined && chaosOf(request).includes(name)),
  }
  // Keys take a moment; whoever asks first waits for them, and nothing happens at import.
  let started: Promise<{ faces: readonly Face[]; registration: DepartmentRegistration; keys: SandboxKeys }> | undefined

  const start = (): NonNullable<typeof started> => {
    started ??= (async () => {
      const keys = await openKeys({ origin, clock, ...(options.keys ? { shelf: options.keys } : {}) })
      const registration = await registerDepartment({ origin, department, keys })
      const faces = await createFaces(context, { keys, registration, further })
      const unknown = describeUnknown([...wanted], faces)
      if (unknown) {
        await closeFaces(faces)
        throw sandboxError('ERR_SANDBOX_CHAOS_UNKNOWN', unknown)
      }
      return { faces, registration, keys }
    })()
    return started
  }

  return {
    origin,
    faces: async () => (await start()).faces,
    registration: async () => (await start()).registration,
    async testSigner({ commonName, algorithm = 'ec-p256' }) {
      const { keys } = await start()
      const authority = keys.authorities[algorithm === 'sm2' ? 'sm2-ca' : 'ca']
      const signer = await authority.createSigner({ profile: 'document-signing', commonName })
      const crl = parseCertificateList(await authority.currentCrl())
      return { signer, ca: formatCertificatePem(authority.certificate), crl }
    },
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const { faces, registration } = await start()
      // A name nobody knows would change nothing, and a test of it would prove nothing.
      const unknown = describeUnknown(chaosOf(request), faces)
      if (unknown) return problem(400, 'ERR_SANDBOX_CHAOS_UNKNOWN', unknown)
      const face = faces.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
      if (face) return answer(face, request, logger)
      if (request.method !== 'GET') return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'No platform is mounted here.')
      if (pathname === '/') return frontPage({ origin, faces })
      if (pathname === '/sandbox.json') return json(registration)
      return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'No platform is mounted here.')
    },
    async close() {
      if (!started) return
      // A start that failed has closed what it had opened.
      const parts = await started.catch(() => undefined)
      await closeFaces(parts?.faces ?? [])
    },
  }
}

/** Names of misbehaviour asked for by one request. */
function chaosOf(request: Request): readonly string[] {
  return (request.headers.get('x-sandbox-chaos') ?? '').split(/[\s,]+/).filter((name) => name !== '')
}

function describeUnknown(names: readonly string[], faces: readonly Face[]): string | undefined {
  const known = new Set(faces.flatMap(({ faults }) => Object.keys(faults)))
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length === 0) return undefined
  return `No face misbehaves as ${unknown.join(', ')}. Known names: ${[...known].sort().join(', ')}.`
}

async function answer(face: Face, request: Request, logger: Logger): Promise<Response> {
  try {
    return await face.fetch(request)
  } catch (error) {
    // A platform that breaks answers 500, as a real one would; only the class of the error is logged.
    const name = error instanceof Error ? error.name : typeof error
    logger({ level: 'error', event: 'sandbox.failed', facts: { face: face.id, name } })
    return problem(500, 'ERR_SANDBOX_FAILED', 'The platform failed.')
  }
}

function readOrigin(address: string): string {
  if (!URL.canParse(address) || new URL(address).origin !== address) {
    throw sandboxError(
      'ERR_SANDBOX_ORIGIN',
      'The origin of a sandbox is an address without a path: http://127.0.0.1:4600.',
    )
  }
  return address
}
