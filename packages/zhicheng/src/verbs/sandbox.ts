/** `zhicheng sandbox`: starts the local platform, on loopback only, until it is stopped. */
import { resolve } from 'node:path'
import { isZhichengError } from '@zhicheng/core'
import { type RunningSandbox, type StartSandboxOptions, startSandbox } from '@zhicheng/sandbox/node'
import { commandError } from '../errors.ts'
import { listOption, noPositionals, option, wholeNumberOption } from '../lib/options.ts'
import { makeUserFolder } from '../lib/output-file.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'sandbox',
  summary: 'Starts the local platform, on loopback, until it is stopped (本地平台, 测试专用)',
  usage: [
    '[--port N] [--department URL] [--data DIR] [--chaos NAME]...',
    '',
    '  --port        4600 by default; 0 takes any free port',
    '  --department  where the system under development runs; http://127.0.0.1:4700 by default',
    '  --data        folder in which the keys stay between runs; without it they are made anew',
    '  --chaos       misbehaviour by name, such as tsa-down; the front page lists all names',
  ].join('\n'),
  options: {
    port: { type: 'string' },
    department: { type: 'string' },
    data: { type: 'string' },
    chaos: { type: 'string', multiple: true },
  },
  async run(context, values, positionals) {
    noPositionals(positionals)
    const port = wholeNumberOption(values, 'port', { from: 0, to: 65_535, byDefault: 4600, unit: 'a number' })
    const data = option(values, 'data')
    const department = readOrigin(option(values, 'department'))
    const { stop } = context
    if (data !== undefined) await makeUserFolder(context, data)
    const sandbox = await start({
      port,
      chaos: listOption(values, 'chaos'),
      ...(department === undefined ? {} : { department: { origin: department } }),
      ...(data === undefined ? {} : { folder: resolve(context.folder, data) }),
    })
    try {
      const faces = await sandbox.faces()
      context.print(
        [
          `Sandbox (测试专用) on ${sandbox.origin}/`,
          ...faces.map(({ path, title }) => `  ${sandbox.origin}${path}  ${title}`),
          `  ${sandbox.origin}/sandbox.json  addresses and test keys for your system`,
        ].join('\n'),
      )
      await new Promise<void>((done) => {
        if (stop.aborted) done()
        else stop.addEventListener('abort', () => done(), { once: true })
      })
    } finally {
      await sandbox.close()
    }
    return exitStatus.good
  },
}

async function start(options: StartSandboxOptions): Promise<RunningSandbox> {
  try {
    return await startSandbox(options)
  } catch (cause) {
    if (isZhichengError(cause)) throw cause
    const { code } = cause as { code?: string }
    if (code === 'EADDRINUSE') {
      const message = `Port ${options.port} is in use; choose another with --port, or 0 for any free one.`
      throw commandError('ERR_COMMAND_PORT', message, cause)
    }
    if (code === 'EACCES') {
      const message = `Port ${options.port} needs more rights; choose one from 1024 with --port.`
      throw commandError('ERR_COMMAND_PORT', message, cause)
    }
    throw cause
  }
}

function readOrigin(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin
  throw commandError('ERR_COMMAND_ARGUMENTS', '--department takes an address without a path: http://127.0.0.1:4700.')
}
