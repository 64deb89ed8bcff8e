// An npm registry in memory, on loopback, for rehearsing a release: publish, install, forget.
//
//   PORT=0 node tools/registry.mjs     prints `registry on http://127.0.0.1:<port>`
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

const packages = new Map()
const tarballs = new Map()
const maxBytes = 64 * 1024 * 1024

const server = createServer(async (request, response) => {
  const answer = (status, value) => {
    const body = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))
    response.writeHead(status, {
      'content-type': Buffer.isBuffer(value) ? 'application/octet-stream' : 'application/json',
      'content-length': body.length,
    })
    response.end(body)
  }
  try {
    const origin = `http://${request.headers.host}`
    const path = decodeURIComponent(new URL(request.url, origin).pathname).slice(1)
    if (request.method === 'PUT') return answer(...publish(path, JSON.parse(await readBody(request)), origin))
    if (request.method !== 'GET') return answer(405, { error: 'only GET and PUT are served' })
    if (path === '-/whoami') return answer(200, { username: 'rehearsal' })
    if (tarballs.has(path)) return answer(200, tarballs.get(path))
    if (packages.has(path)) return answer(200, packages.get(path))
    return answer(404, { error: 'not found' })
  } catch (error) {
    return answer(400, { error: String(error.message ?? error) })
  }
})

async function readBody(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > maxBytes) throw new Error('the package is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function publish(name, document, origin) {
  const known = packages.get(name) ?? { name, versions: {}, 'dist-tags': {}, time: {} }
  const [attachment] = Object.values(document._attachments ?? {})
  const [[version, manifest]] = Object.entries(document.versions)
  if (known.versions[version]) return [409, { error: `${name}@${version} is already published` }]
  const bytes = Buffer.from(attachment.data, 'base64')
  const file = `${name}/-/${name.split('/').at(-1)}-${version}.tgz`
  tarballs.set(file, bytes)
  manifest.dist = {
    ...manifest.dist,
    tarball: `${origin}/${file}`,
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
  }
  known.versions[version] = manifest
  Object.assign(known['dist-tags'], document['dist-tags'])
  // Old enough for any minimum age of a package manager.
  known.time[version] = '1970-01-01T00:00:00.000Z'
  packages.set(name, known)
  return [201, { ok: true }]
}

server.listen(Number(process.env.PORT ?? 4873), '127.0.0.1', () => {
  console.log(`registry on http://127.0.0.1:${server.address().port}`)
})
