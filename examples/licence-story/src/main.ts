/** `npm start`: walks the licence story against the local platform, then serves it; with `--once` it ends after the walk. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Subject } from '@zhicheng/core'
import type { ArchivedCase } from './department/case-file.ts'
import { createDepartment, type Department } from './department/department.ts'
import { createPages } from './department/pages.ts'
import { createRoutes } from './department/routes.ts'
import { type Output, openOutput, StartError } from './output.ts'
import { type Platform, startPlatform } from './platform.ts'
import { type DepartmentServer, listen } from './server.ts'
import { walk } from './walk/walk.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const isClerk = ({ id }: Subject): boolean => id === '330100000007'

try {
  process.exitCode = await main(readArguments())
} catch (error) {
  if (!(error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}

function readArguments(): { once: boolean; port: number } {
  try {
    const { values } = parseArgs({ options: { once: { type: 'boolean' }, port: { type: 'string' } }, strict: true })
    const port = Number(values.port ?? (values.once ? 0 : 4700))
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new StartError('--port takes a number from 0 to 65535.')
    return { once: values.once === true, port }
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(`${(cause as Error).message.split('. ')[0]}. The options are --once and --port N.`, { cause })
  }
}

async function main({ once, port }: { once: boolean; port: number }): Promise<number> {
  const started = performance.now()
  const output = await openOutput(join(import.meta.dirname, '../out'))
  const server = await listen(port)
  let platform: Platform | undefined
  let department: Department | undefined
  try {
    platform = await startPlatform({ department: server.origin, port: once ? 0 : 4600 })
    let archive: (result: ArchivedCase) => void = () => undefined
    const archived = new Promise<ArchivedCase>((resolve) => {
      archive = resolve
    })
    department = await createDepartment({
      registration: platform.registration,
      folder: join(output.folder, 'department'),
      async onIssued(_, { pdf, ofd }) {
        await output.write('licence.pdf', pdf)
        await output.write('licence.ofd', ofd)
      },
      onArchived: async (_, result) => archive(result),
    })
    await writeTrust(output, department, platform)
    const routes = createRoutes(department, { origin: server.origin, isClerk })
    server.serve(department.support.handle, routes, ...(once ? [] : [await createPages()]))
    print(`The licence story, against the local platform at ${platform.origin} (process ${platform.pid}):`)
    const good = await tell({ server, platform, output, archived, started })
    if (once || !good) return good ? 0 : 1
    await serve(server, platform)
    return 0
  } finally {
    await department?.close()
    await server.close()
    await platform?.stop()
  }
}

async function tell({
  server,
  platform,
  output,
  archived,
  started,
}: {
  server: DepartmentServer
  platform: Platform
  output: Output
  archived: Promise<ArchivedCase>
  started: number
}): Promise<boolean> {
  const begun = performance.now()
  const { steps, error } = await walk({ origin: server.origin, platform, output, archived, print }).then(
    ({ steps }) => ({ steps, error: undefined }),
    (cause: unknown) => ({ steps: [], error: cause as Error }),
  )
  const milliseconds = Math.round(performance.now() - begun)
  await output.json('story.json', {
    verified: error === undefined,
    ...(error ? { error: error.message } : {}),
    startMilliseconds: Math.round(begun - started),
    walkMilliseconds: milliseconds,
    steps,
  })
  if (error) print(`The story ended early: ${error.message}`)
  else print(`Every step verified in ${(milliseconds / 1000).toFixed(1)} s. Everything lies in ${output.folder}`)
  return error === undefined
}

async function writeTrust(output: Output, { trust }: Department, { registration }: Platform): Promise<void> {
  for (const [name, pem] of Object.entries(trust)) await output.write(`trust/${name}.pem`, pem)
  await output.json('trust/log.jwk', registration.archive.logKey)
}

async function serve(server: DepartmentServer, platform: Platform): Promise<void> {
  print('')
  print(`  申请与办件   ${server.origin}/            （登录时选“企业经办人”）`)
  print(`  窗口办理     ${server.origin}/window      （登录时选“窗口工作人员”，统一身份认证平台）`)
  print(`  本地平台     ${platform.origin}/`)
  print('')
  print('Press Ctrl+C to stop.')
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
