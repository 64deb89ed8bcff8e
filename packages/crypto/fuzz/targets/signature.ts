/** Bare signatures, given to both engines: neither takes one that is written or valued in another way. */
import { concatBytes, utf8 } from '@zhicheng/core'
import type { ClassicAlgorithm, Engine } from '../../src/lib/engines/engine.ts'
import { engine as nodeEngine } from '../../src/lib/engines/engine-node.ts'
import { engine as webEngine } from '../../src/lib/engines/engine-web.ts'
import { type PublicKey, sm2Z, verifySignature } from '../../src/public-key.ts'
import { describeValue } from '../claims.ts'
import { type SeedKind, seedKey, seedKinds } from '../keys.ts'
import { type Target, Violation } from '../target.ts'

const message = utf8('样例行政许可决定书')

/** The first byte says which key; the rest is the signature. Accepted is what verifies: only the seeds may. */
export const signatureTarget: Target = {
  name: 'signature',
  seeds: () =>
    Promise.all(
      seedKinds.map(async (kind, index) =>
        concatBytes(Uint8Array.of(index), await seedKey(kind, 'leaf').sign(message)),
      ),
    ),
  async run(input) {
    const kind: SeedKind = seedKinds[(input[0] ?? 0) % seedKinds.length]!
    const signature = input.subarray(1)
    const { publicKey, algorithm } = seedKey(kind, 'leaf')
    const valid = await verifySignature({ algorithm, publicKey, message, signature })
    for (const engine of [nodeEngine, webEngine]) {
      const same = await verifyWith(engine, algorithm as ClassicAlgorithm | 'sm2-sm3', publicKey, signature)
      if (same !== valid) throw new Violation(`The engines disagree about a signature of the kind ${kind}.`)
    }
    return { accepted: valid, label: valid ? 'valid' : 'invalid', claims: [describeValue(signature)] }
  },
}

async function verifyWith(
  engine: Engine,
  algorithm: ClassicAlgorithm | 'sm2-sm3',
  key: PublicKey,
  signature: Uint8Array,
): Promise<boolean> {
  if (algorithm !== 'sm2-sm3') return engine.verify(algorithm, key, message, signature)
  return engine.sm2Verify(key, sm2Z(key), message, signature)
}
