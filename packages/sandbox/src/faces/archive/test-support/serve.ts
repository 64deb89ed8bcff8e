/** Serves the archive alone over the files in a folder, for tests that kill it; prints its port. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { silentLogger, systemClock } from '@zhicheng/core'
import { createArchiveFace } from '../index.ts'
import { fileDepositStorage, fileLogStorage } from '../node-storage.ts'

const folder = process.argv[2]!
let face: Awaited<ReturnType<typeof createArchiveFace>>
const server = createServer(getRequestListener((request) => face.fetch(request)))
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as AddressInfo
  face = await createArchiveFace(
    {
      origin: `http://127.0.0.1:${port}`,
      clock: systemClock,
      fetch: globalThis.fetch,
      logger: silentLogger,
      chaos: () => false,
    },
    {
      logKey: JSON.parse(readFileSync(join(folder, 'key.jwk'), 'utf8')),
      storage: await fileDepositStorage(join(folder, 'deposits')),
      logStorage: await fileLogStorage(join(folder, 'log.jsonl')),
    },
  )
  process.stdout.write(`${port}\n`)
})
