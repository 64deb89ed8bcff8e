/** The local platform in a process of its own: prints its address as one line of JSON, and ends when it is told to. */
import { startSandbox } from '@zhicheng/sandbox/node'

const [, , department = '', port = '0'] = process.argv
const sandbox = await startSandbox({ port: Number(port), department: { origin: department } })
process.stdout.write(`${JSON.stringify({ origin: sandbox.origin })}\n`)

const stop = (): void => void sandbox.close().then(() => process.exit(0))
process.once('SIGTERM', stop)
process.once('SIGINT', () => undefined)
// The story that started it is gone: nobody needs the platform any more.
process.once('disconnect', stop)
