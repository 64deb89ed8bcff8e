/** The page a refused login ends on: the code, a sentence, a way back. Nothing that came from outside stands in it. */
import type { ZhichengError } from '@zhicheng/core'

const noStore = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' }

/** Headers every answer of this package carries. */
function answerHeaders(cookies: readonly string[] = []): Headers {
  const headers = new Headers(noStore)
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return headers
}

/** A redirect that turns any method into GET. */
export function redirectTo(location: string, cookies: readonly string[]): Response {
  const headers = answerHeaders(cookies)
  headers.set('location', location)
  return new Response(null, { status: 303, headers })
}

/** The refusal as JSON for programs that ask for it, and as a page for people. */
export function refusal(
  request: Request,
  error: ZhichengError,
  { text, status, retryUrl, cookies }: { text: string; status: number; retryUrl?: string; cookies: readonly string[] },
): Response {
  const headers = answerHeaders(cookies)
  if (request.headers.get('accept')?.includes('application/json')) {
    headers.set('content-type', 'application/json')
    return new Response(JSON.stringify({ error: error.toJSON() }), { status, headers })
  }
  headers.set('content-type', 'text/html; charset=utf-8')
  headers.set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'")
  const retry = retryUrl ? `<p><a href="${escapeHtml(retryUrl)}">重新登录</a></p>` : ''
  const page = `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>登录未完成</title>
<style>body{font:18px/1.8 system-ui,sans-serif;max-width:32rem;margin:15vh auto 0;padding:0 1rem;color:#1f2329}
h1{font-size:1.5rem}a{display:inline-block;padding:.4rem 1.5rem;border-radius:.25rem;background:#1554ad;color:#fff;text-decoration:none}
small{color:#5f6670}</style></head>
<body><main><h1>登录未完成</h1><p>${escapeHtml(text)}</p>${retry}<p><small>错误代码：${escapeHtml(error.code)}</small></p></main></body></html>
`
  return new Response(page, { status, headers })
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
