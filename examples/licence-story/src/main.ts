/** `npm start`: walks the licence story against the local platform, then serves it; with `--once` it ends after the walk. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Output, openOutput, StartError } from './output.ts'
import { type Story, startStory } from './start.ts'
import { walk } from './walk/walk.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

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
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new StartError('--port takes a number from 0 to 65535.')
    }
    return { once: values.once === true, port }
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(`${(cause as Error).message.split('. ')[0]}. The options are --once and --port N.`, { cause })
  }
}

async function main({ once, port }: { once: boolean; port: number }): Promise<number> {
  const started = performance.now()
  const output = await openOutput(join(import.meta.dirname, '../out'))
  const story = await startStory({ output, port, platformPort: once ? 0 : 4600, pages: !once })
  try {
    await writeTrust(output, story)
    const { platform } = story
    print(`The licence story, against the local platform at ${platform.origin} (process ${platform.pid}):`)
    const good = await tell(story, { output, started })
    if (once || !good) return good ? 0 : 1
    await serve(story)
    return 0
  } finally {
    await story.close()
  }
}

async function tell(story: Story, { output, started }: { output: Output; started: number }): Promise<boolean> {
  const begun = performance.now()
  const { server, platform, archived } = story
  const { steps, error } = await walk({ origin: server.origin, platform, output, archived, print })
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

async function writeTrust(output: Output, { department, platform }: Story): Promise<void> {
  for (const [name, pem] of Object.entries(department.trust)) await output.write(`trust/${name}.pem`, pem)
  await output.json('trust/log.jwk', platform.registration.archive.logKey)
}

async function serve({ server, platform }: Story): Promise<void> {
  print('')
  print(`  申请与办件   ${server.origin}/         登录时选“企业经办人”`)
  print(`  窗口办理     ${server.origin}/window   用统一身份认证平台登录，选“窗口工作人员”`)
  print(`  本地平台     ${platform.origin}/`)
  print('')
  print('Press Ctrl+C to stop.')
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
