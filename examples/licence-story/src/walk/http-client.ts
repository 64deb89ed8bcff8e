/** A person at a browser, over real HTTP: keeps cookies, follows redirects, fills forms, calls the pages' operations. */
import { createBrowser } from '@zhicheng/sandbox/testing'

/** Somebody who uses the department's system. */
export interface Visitor {
  /** Logs in through a platform's own page as one of its personas. */
  logIn(provider: 'zhejiang' | 'oidc', persona: string): Promise<void>
  get<Answer>(path: string): Promise<Answer>
  post<Answer>(path: string, body?: unknown): Promise<Answer>
  put<Answer>(path: string, content: Uint8Array, mediaType: string): Promise<Answer>
  /** Opens an address and presses the button of its form. */
  press(address: string): Promise<string>
}

/** Makes a visitor of the system at `origin`. */
export function createVisitor(origin: string): Visitor {
  const browser = createBrowser((request) => fetch(request, { redirect: 'manual' }))

  async function call<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const response = await browser.send(new Request(origin + path, { redirect: 'manual', ...init }))
    const answer = (await response.json()) as Answer & { error?: { code: string; message: string } }
    if (!response.ok) throw new Error(`${init.method} ${path}: ${answer.error?.message} [${answer.error?.code}]`)
    return answer
  }

  return {
    async logIn(provider, persona) {
      const page = await browser.open(`${origin}/api/identity/login/${provider}?returnTo=/app/cases`)
      const back = await browser.submit(page, { persona })
      if (back.url.origin !== origin || back.response.status !== 200) {
        throw new Error(
          `The login through ${provider} ended at ${back.url.pathname} with status ${back.response.status}.`,
        )
      }
    },
    get: (path) => call(path, { method: 'GET' }),
    post: (path, body) =>
      call(path, {
        method: 'POST',
        headers: { origin },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    put: (path, content, mediaType) =>
      call(path, { method: 'PUT', headers: { origin, 'content-type': mediaType }, body: content as BodyInit }),
    async press(address) {
      const page = await browser.open(address)
      return (await browser.submit(page, {})).text
    },
  }
}
