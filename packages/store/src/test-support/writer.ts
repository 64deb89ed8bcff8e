/** A process that commits without end and says so after each commit, for a test that kills it. */
import { writeSync } from 'node:fs'
import { sqliteStore } from '../sqlite.ts'

const [, , file = '', mode = ''] = process.argv
const store = sqliteStore({ file })

if (mode === 'hang') {
  await store.transaction((tx) => tx.insert('orders', 'committed', 1))
  await store.transaction((tx) => {
    tx.insert('orders', 'uncommitted', 1)
    tx.append('log', 'uncommitted')
    writeSync(1, 'inside\n')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
}

const write = async (lane: number) => {
  for (let step = 1; ; step += 1) {
    const id = `${lane}-${step}`
    await store.transaction((tx) => {
      tx.insert('orders', id, { step }, { lane: `${lane}` })
      tx.append(`log-${lane}`, id)
      tx.inbox('channel', id, 'digest')
      tx.outbox('send', id, null)
    })
    writeSync(1, `${id}\n`)
  }
}
await Promise.all([1, 2, 3, 4].map(write))
