/** `zhicheng keys create`: a test authority with a signer, a seal maker and a timestamp key, every one marked as a test key. */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { formatCertificatePem, type Signer } from '@zhicheng/crypto'
import { createTestAuthority, type TestAuthority } from '@zhicheng/crypto/testing'
import * as v from 'valibot'
import { writeUserFile } from '../lib/output-file.ts'
import {
  choiceOption,
  commandError,
  exitStatus,
  reasonOf,
  requiredOption,
  type Verb,
  type VerbContext,
} from '../lib/verb.ts'

const algorithms = { sm2: 'sm2', rsa: 'rsa-2048', p256: 'ec-p256' } as const
const roles = [
  { file: 'signer', profile: 'document-signing', commonName: '样例市市场监督管理局（样例签章人）' },
  { file: 'seal-maker', profile: 'seal-making', commonName: '样例电子印章制作系统' },
  { file: 'tsa', profile: 'timestamping', commonName: '样例时间戳服务' },
] as const

export const verb: Verb = {
  name: 'keys create',
  summary: 'Makes a test CA and keys for a signer, a seal maker and a timestamp service (测试专用)',
  usage: '--out DIR [--alg sm2|rsa|p256] [--json]',
  options: { out: { type: 'string' }, alg: { type: 'string' }, json: { type: 'boolean' } },
  output: v.object({ algorithm: v.string(), folder: v.string(), files: v.array(v.string()) }),
  async run(context, values) {
    const folder = requiredOption(values, 'out')
    const algorithm = choiceOption(values, 'alg', ['sm2', 'rsa', 'p256']) ?? 'sm2'
    await makeFolder(context, folder)
    const authority = await createTestAuthority({ algorithm: algorithms[algorithm], name: '样例测试根CA' })
    const files = await writeKeys(context, folder, authority)
    if (values.json) context.print(JSON.stringify({ algorithm, folder, files }, null, 2))
    else {
      context.print(`Test keys (测试专用) in ${folder}:`)
      for (const file of files) context.print(`  ${file}`)
    }
    return exitStatus.good
  },
}

async function writeKeys(context: VerbContext, folder: string, authority: TestAuthority): Promise<string[]> {
  const files: string[] = []
  const write = async (name: string, content: string | Uint8Array, mode?: number): Promise<void> => {
    await writeUserFile(context, join(folder, name), content, { overwrite: false, ...(mode ? { mode } : {}) })
    files.push(name)
  }
  await write('ca.pem', formatCertificatePem(authority.certificate))
  for (const { file, profile, commonName } of roles) {
    const signer = await authority.createSigner({ profile, commonName, organization: '样例单位' })
    await write(`${file}.pem`, formatChain(signer))
    // Private keys are for their owner alone, test keys included: habits travel to production.
    await write(`${file}.key`, signer.privateKeyPem, 0o600)
  }
  await write('ca.crl', await authority.currentCrl())
  return files
}

function formatChain({ certificateChain }: Signer): string {
  return certificateChain.map((certificate) => formatCertificatePem(certificate)).join('')
}

async function makeFolder(context: VerbContext, folder: string): Promise<void> {
  try {
    await mkdir(resolve(context.folder, folder), { recursive: true })
  } catch (cause) {
    throw commandError('ERR_COMMAND_OUTPUT', `Cannot make the folder ${folder}: ${reasonOf(cause)}.`, cause)
  }
}
