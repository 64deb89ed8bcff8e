/** The pages: HTML and CSS as they lie in `pages/`, scripts bundled once at the start, under a strict content policy. */
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { build } from 'esbuild'

const folder = join(import.meta.dirname, '../../pages')
const pages: Readonly<Record<string, string>> = { '/': 'apply.html', '/case': 'case.html', '/window': 'window.html' }
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Bundles the scripts and answers `/`, `/case`, `/window` and `/assets/…`. */
export async function createPages(): Promise<(request: Request) => Promise<Response | undefined>> {
  const { outputFiles } = await build({
    entryPoints: ['apply', 'case', 'window'].map((name) => join(folder, `${name}.ts`)),
    bundle: true,
    format: 'esm',
    splitting: true,
    outdir: 'assets',
    write: false,
    minify: true,
    target: 'es2022',
    conditions: ['@zhicheng/source', 'browser', 'production'],
    logLevel: 'silent',
  })
  const scripts = new Map(
    outputFiles.map(({ path, contents }) => [`/assets/${path.split('/assets/').at(-1)}`, contents]),
  )
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (request.method !== 'GET') return undefined
    const script = scripts.get(pathname)
    if (script) return file(script, '.js')
    const name = pages[pathname] ?? /^\/assets\/((?:images\/)?[a-z0-9-]+\.(?:css|svg))$/.exec(pathname)?.[1]
    if (!name) return undefined
    return file(await readFile(join(folder, name)), extname(name))
  }
}

function file(content: Uint8Array, extension: string): Response {
  return new Response(content as BodyInit, {
    headers: {
      'content-type': types[extension]!,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-cache',
    },
  })
}
