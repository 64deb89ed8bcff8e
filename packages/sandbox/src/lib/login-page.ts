/** The login page of the sandbox's identity platforms: looks like a government's, works without JavaScript. */
import type { Persona } from '../personas.ts'

/** Headers of every page of the sandbox's identity faces. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
}

/** Text as it may stand in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A whole page under the platform's banner. `body` is HTML already. */
export function formatPage({ title, platform, body }: { title: string; platform: string; body: string }): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - ${escapeHtml(platform)}</title>
<style>
*{box-sizing:border-box}body{margin:0;background:#eef3fa;color:#1f2329;font:16px/1.7 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
header{background:#1554ad;color:#fff;padding:1.1rem 2rem;font-size:1.35rem}header small{font-size:.85rem;margin-left:1rem;border:1px solid #fff;padding:.1rem .5rem;border-radius:.2rem}
main{max-width:40rem;margin:2.5rem auto;padding:1.5rem 2rem;background:#fff;border-radius:.4rem;box-shadow:0 1px 6px #0002}
h1{font-size:1.25rem;margin:0 0 .5rem}ul{list-style:none;margin:1rem 0;padding:0}li{margin:.5rem 0}
button{font:inherit;cursor:pointer;border-radius:.3rem;border:1px solid #b9c6da;background:#fff;color:inherit}
li button{display:block;width:100%;text-align:left;padding:.7rem 1rem}li button:hover,button:focus-visible{border-color:#1554ad;outline:2px solid #1554ad}
b{display:block}span{color:#4e5969;font-size:.9rem}.row button{padding:.4rem 1.4rem;margin-right:.6rem}.row .primary{background:#1554ad;border-color:#1554ad;color:#fff}
footer{text-align:center;color:#4e5969;font-size:.85rem;padding:0 1rem 2rem}
</style>
</head>
<body>
<header>${escapeHtml(platform)}<small>测试专用</small></header>
<main>
${body}
</main>
<footer>本页由本机演示平台提供，人员与单位均为样例，不连接任何真实系统。</footer>
</body>
</html>
`
}

/** The page at which a person picks who logs in. The form posts `persona`, or `cancel`, to the address it came from. */
export function formatLoginPage({
  platform,
  personas,
  fields = {},
}: {
  platform: string
  personas: readonly Persona[]
  /** Hidden fields that come back with the choice. */
  fields?: Readonly<Record<string, string>>
}): string {
  const hidden = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('')
  const choices = personas
    .map(
      (persona) =>
        `<li><button name="persona" value="${escapeHtml(persona.id)}"><b>${escapeHtml(nameOf(persona))}</b><span>${escapeHtml(describe(persona))}</span></button></li>`,
    )
    .join('\n')
  const body = `<h1>用户登录</h1>
<p>请选择登录身份：</p>
<form method="post">${hidden}
<ul>
${choices}
</ul>
<p class="row"><button name="cancel" value="yes">取消登录</button></p>
</form>`
  return formatPage({ title: '用户登录', platform, body })
}

function nameOf({ principal, actor }: Persona): string {
  return actor ? `${principal.name} · ${actor.name}` : principal.name
}

function describe({ title, assurance }: Persona): string {
  return `${title}，${['未认证', '线上核验', '实名认证', '实人认证'][assurance]}`
}
