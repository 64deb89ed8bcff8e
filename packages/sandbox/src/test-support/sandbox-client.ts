/** What the tests of the faces share: one sandbox in memory, and requests to it. */
import { createSandbox, type Sandbox, type SandboxOptions } from '../create-sandbox.ts'
import type { KeyShelf, SavedKeys } from '../lib/saved-keys.ts'

/** The address of the sandbox in tests. */
export const origin = 'http://sandbox.test'

/** A sandbox and short ways to ask it. */
export interface SandboxClient {
  sandbox: Sandbox
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** Posts JSON, or bytes and texts as they are. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
}

let made: SavedKeys | undefined

// Making RSA keys takes a moment, so the sandboxes of one test file share theirs, unless their clocks differ.
const sharedKeys: KeyShelf = {
  load: async () => made,
  save: async (keys) => {
    made = keys
  },
}

/** Makes both. */
export function createSandboxClient(options: SandboxOptions = {}): SandboxClient {
  const sandbox = createSandbox({ origin, ...(options.clock ? {} : { keys: sharedKeys }), ...options })
  const send = (path: string, init: RequestInit): Promise<Response> => sandbox.fetch(new Request(origin + path, init))
  return {
    sandbox,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, headers = { 'content-type': 'application/json' }) => {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array
      return send(path, { method: 'POST', headers, body: isRaw ? (body as BodyInit) : JSON.stringify(body) })
    },
  }
}

/** The code of a refusal: `{ error: { code } }`. */
export async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code
}

/** Bodies that no face which takes JSON may stumble over, with the answer they get. */
export const hostileBodies: readonly [string, string | Uint8Array, number, string][] = [
  ['nothing', '', 400, 'ERR_JSON_MALFORMED'],
  ['no JSON', 'certificate please', 400, 'ERR_JSON_MALFORMED'],
  ['half of a JSON', '{"authority":"ca"', 400, 'ERR_JSON_MALFORMED'],
  ['bytes that are no text', Uint8Array.of(0x7b, 0xff, 0x7d), 400, 'ERR_JSON_MALFORMED'],
  ['a key that stands twice', '{"authority":"ca","authority":"sm2-ca"}', 400, 'ERR_JSON_DUPLICATE_KEY'],
  ['lists without end', '['.repeat(2000), 400, 'ERR_JSON_LIMIT'],
  ['null', 'null', 400, 'ERR_SANDBOX_BODY'],
  ['a list', '[]', 400, 'ERR_SANDBOX_BODY'],
  ['a prototype', '{"__proto__":{"authority":"ca"}}', 400, 'ERR_SANDBOX_BODY'],
  ['more than it wants to hear', `{"name":"${'x'.repeat(3_000_000)}"}`, 413, 'ERR_BODY_TOO_LARGE'],
]
