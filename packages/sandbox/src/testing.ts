/**
 * A browser without a window, for tests that log a persona in: a cookie jar, redirects one by one, forms without
 * JavaScript. Over HTTP its network is `(request) => fetch(request, { redirect: 'manual' })`.
 */

/** Answers for everything a browser or a back end can reach in a test. */
export type Network = (request: Request) => Promise<Response>

/** What a navigation ended on. */
export interface Page {
  url: URL
  response: Response
  text: string
}

/** A browser with its own cookies. */
export interface Browser {
  readonly cookies: Map<string, string>
  /** Every address it asked for. */
  readonly visited: string[]
  open(address: string): Promise<Page>
  submit(page: Page, fields: Record<string, string>): Promise<Page>
  /** One request without following, as a script would send it. */
  send(request: Request): Promise<Response>
}

/** Makes a browser. Cookies are kept by host and name; paths narrow where they go. */
export function createBrowser(network: Network): Browser {
  const cookies = new Map<string, string>()
  const paths = new Map<string, string>()
  const visited: string[] = []

  async function send(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const own = [...cookies].filter(([key]) => {
      const [host] = key.split(' ')
      return host === url.host && url.pathname.startsWith(paths.get(key) ?? '/')
    })
    const headers = new Headers(request.headers)
    if (own.length > 0) headers.set('cookie', own.map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; '))
    visited.push(url.href)
    const response = await network(new Request(request, { headers }))
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ')
      const name = pair.slice(0, pair.indexOf('='))
      const key = `${url.host} ${name}`
      const attribute = (wanted: string) =>
        attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
      const expires = attribute('expires')
      const gone = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now())
      if (gone) cookies.delete(key)
      else cookies.set(key, pair.slice(pair.indexOf('=') + 1))
      paths.set(key, attribute('path') ?? '/')
    }
    return response
  }

  async function go(first: Request): Promise<Page> {
    let request = first
    for (let hop = 0; hop < 12; hop += 1) {
      const copy = request.clone()
      const response = await send(request)
      const location = response.headers.get('location')
      const url = new URL(copy.url)
      if (response.status < 300 || response.status > 399 || !location)
        return { url, response, text: await response.text() }
      const next = new URL(location, url)
      const keepsMethod = response.status === 307 || response.status === 308
      request = keepsMethod ? new Request(next, { method: copy.method, body: await copy.text() }) : new Request(next)
    }
    throw new Error('The redirects do not end.')
  }

  return {
    cookies,
    visited,
    send,
    open: (address) => go(new Request(address)),
    submit: (page, fields) =>
      go(
        new Request(formAddress(page), {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ ...hiddenFields(page.text), ...fields }).toString(),
        }),
      ),
  }
}

function formAddress({ text, url }: Page): URL {
  const action = /<form[^>]*\saction="([^"]*)"/.exec(text)?.[1]
  return action ? new URL(action.replaceAll('&amp;', '&'), url) : url
}

function hiddenFields(text: string): Record<string, string> {
  const inputs = text.match(/<input[^>]*type="hidden"[^>]*>/g) ?? []
  return Object.fromEntries(
    inputs.map((input) => [/name="([^"]*)"/.exec(input)?.[1] ?? '', /value="([^"]*)"/.exec(input)?.[1] ?? '']),
  )
}
