/** `zhicheng sandbox`: starts the local platform, on loopback only, until it is stopped. */
import { resolve } from 'node:path'
import { startSandbox } from '@zhicheng/sandbox/node'
import { commandError, exitStatus, listOption, option, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'sandbox',
  summary: 'Starts the local platform: login, payment, timestamps, credit, archive (本地平台, 测试专用)',
  usage: '[--port N] [--data DIR] [--chaos NAME]...',
  options: {
    port: { type: 'string' },
    data: { type: 'string' },
    chaos: { type: 'string', multiple: true },
  },
  async run(context, values) {
    const port = Number(option(values, 'port') ?? '4600')
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw commandError('ERR_COMMAND_ARGUMENTS', '--port takes a number from 0 to 65535.')
    }
    const data = option(values, 'data')
    const sandbox = await startSandbox({
      port,
      chaos: listOption(values, 'chaos'),
      ...(data ? { folder: resolve(context.folder, data) } : {}),
    }).catch((cause: unknown) => {
      if ((cause as { code?: string }).code !== 'EADDRINUSE') throw cause
      throw commandError(
        'ERR_COMMAND_PORT_IN_USE',
        `Port ${port} is in use; choose another with --port, or 0 for any.`,
        cause,
      )
    })
    context.print(`sandbox on ${sandbox.origin}`)
    for (const { title, path } of sandbox.faces) context.print(`  ${sandbox.origin}${path}  ${title}`)
    await new Promise<void>((done) => {
      if (context.stop.aborted) done()
      else context.stop.addEventListener('abort', () => done(), { once: true })
    })
    await sandbox.close()
    return exitStatus.good
  },
}
