/** The page at the root of a sandbox: which platforms there are, where, and how they can be made to misbehave. */
import type { Face } from '../face.ts'
import { escapeHtml, formatPage, pageHeaders } from './login-page.ts'

/** Lists the faces for people. */
export function frontPage({ origin, faces }: { origin: string; faces: readonly Face[] }): Response {
  const sections = faces.map(({ title, path, faults }) => {
    const names = Object.entries(faults).map(
      ([name, sentence]) => `<li><code>${escapeHtml(name)}</code> ${escapeHtml(sentence)}</li>`,
    )
    const list =
      names.length > 0 ? `<details><summary>${names.length} 种故障</summary><ul>${names.join('')}</ul></details>` : ''
    return `<section><h2>${escapeHtml(title)}</h2><p><code>${escapeHtml(origin + path)}</code></p>${list}</section>`
  })
  const body = `<h1>本地平台</h1><p>部门的登记资料：<a href="/sandbox.json">sandbox.json</a></p>${sections.join('')}`
  return new Response(formatPage({ title: '本地平台', platform: '支撑沙箱', body }), { headers: pageHeaders })
}
