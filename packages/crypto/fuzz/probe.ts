/** Asks a worker about single inputs, and ends it when one of them does not end by itself. */
import { Worker } from 'node:worker_threads'
import { maxInputBytes } from './mutate.ts'
import type { Question, Settings, WorkerMessage, WorkerOrder } from './protocol.ts'
import { createShared } from './shared.ts'
import type { Verdict } from './target.ts'

/** An input that has not ended after this time never will: it is twenty times what is allowed. */
export const hangMilliseconds = 2000

/** Starts a worker thread with an order. */
export function startWorker(order: WorkerOrder): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { workerData: order })
}

/** Whoever answers questions about single inputs. */
export interface Probe {
  judge(question: Question, milliseconds?: number): Promise<Verdict>
  close(): Promise<void>
}

/** A probe. Its worker is started when first asked, and again after each that had to be ended. */
export function createProbe(settings: Settings): Probe {
  let worker: Promise<Worker> | undefined
  const close = async (): Promise<void> => {
    const running = worker
    worker = undefined
    await (await running)?.terminate()
  }
  return {
    close,
    async judge(question, milliseconds = hangMilliseconds) {
      worker ??= started(settings)
      const current = await worker
      const verdict = await new Promise<Verdict>((done) => {
        const timer = setTimeout(() => finish(failed('hang', `No end after ${milliseconds} ms.`)), milliseconds)
        const onMessage = (message: WorkerMessage): void => {
          if (message.type === 'verdict') finish(message.verdict)
        }
        const onError = (error: unknown): void => finish(failed('crash', `The worker ended: ${String(error)}`))
        const finish = (result: Verdict): void => {
          clearTimeout(timer)
          current.off('message', onMessage).off('error', onError)
          done(result)
        }
        current.on('message', onMessage).on('error', onError)
        current.postMessage(question)
      })
      const { finding } = verdict
      if (finding?.kind === 'hang' || finding?.detail.startsWith('The worker ended')) await close()
      return verdict
    },
  }
}

function failed(kind: 'hang' | 'crash', detail: string): Verdict {
  return { label: kind, accepted: false, milliseconds: 0, finding: { kind, detail } }
}

async function started(settings: Settings): Promise<Worker> {
  const worker = startWorker({ settings, shared: createShared(maxInputBytes), hunter: undefined })
  await new Promise<void>((done, fail) => {
    worker.once('message', () => done())
    worker.once('error', fail)
  })
  return worker
}
