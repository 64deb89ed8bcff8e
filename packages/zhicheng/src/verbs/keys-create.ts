/** `zhicheng keys create`: a test authority with keys for a signer, a seal maker and a timestamp service, all marked as test keys. */
import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { formatCertificatePem, type Signer } from '@zhicheng/crypto'
import { createTestAuthority } from '@zhicheng/crypto/testing'
import * as v from 'valibot'
import { commandError } from '../errors.ts'
import { choiceOption, noPositionals, requiredOption } from '../lib/options.ts'
import { type NewFile, writeNewFiles } from '../lib/output-file.ts'
import { exitStatus, type Verb, type VerbContext } from '../lib/verb.ts'

const algorithms = { sm2: 'sm2', rsa: 'rsa-2048', p256: 'ec-p256' } as const
const roles = [
  { file: 'signer', profile: 'document-signing', commonName: '样例市市场监督管理局（样例签章人）' },
  { file: 'seal-maker', profile: 'seal-making', commonName: '样例电子印章制作系统' },
  { file: 'tsa', profile: 'timestamping', commonName: '样例时间戳服务' },
] as const

export const verb: Verb = {
  name: 'keys create',
  summary: 'Makes a test CA and keys for a signer, a seal maker and a timestamp service (测试专用)',
  usage: [
    '--out DIR [--alg sm2|rsa|p256] [--json]',
    '',
    '  --out DIR   where the files go; none of them may exist yet',
    '  --alg       kind of all keys; sm2 by default. Electronic seals (SES) and OFD need sm2.',
    '',
    '  ca.pem ca.key ca.crl  the authority and its revocation list, which is valid for seven days',
    '  signer.pem signer.key  seal-maker.pem seal-maker.key  tsa.pem tsa.key  certificate chains and keys',
    '  trust/ca.pem  a folder of trusted roots, as seal verify wants it',
  ].join('\n'),
  options: { out: { type: 'string' }, alg: { type: 'string' }, json: { type: 'boolean' } },
  output: v.object({
    algorithm: v.picklist(['sm2', 'rsa', 'p256']),
    folder: v.string(),
    files: v.array(v.string()),
  }),
  async run(context, values, positionals) {
    noPositionals(positionals)
    const folder = requiredOption(values, 'out')
    const algorithm = choiceOption(values, 'alg', ['sm2', 'rsa', 'p256']) ?? 'sm2'
    const files = await createFiles(algorithms[algorithm])
    await refuseExisting(context, folder, files)
    await writeNewFiles(context, folder, files)
    const names = files.map(({ name }) => name)
    if (values['json']) context.print(JSON.stringify({ algorithm, folder, files: names }, null, 2))
    else {
      context.print(`Test keys (测试专用) in ${folder}:`)
      for (const name of names) context.print(`  ${name}`)
    }
    return exitStatus.good
  },
}

async function createFiles(algorithm: (typeof algorithms)[keyof typeof algorithms]): Promise<NewFile[]> {
  // Two authorities of one name would be taken for each other when both are trusted.
  const authority = await createTestAuthority({ algorithm, name: `样例测试根CA ${randomUUID().slice(0, 8)}` })
  const root = formatCertificatePem(authority.certificate)
  const files: NewFile[] = [
    { name: 'ca.pem', content: root },
    // Private keys are for their owner alone, test keys included: habits travel to production.
    { name: 'ca.key', content: authority.export().privateKeyPem, mode: 0o600 },
    { name: 'ca.crl', content: await authority.currentCrl() },
    { name: 'trust/ca.pem', content: root },
  ]
  for (const { file, profile, commonName } of roles) {
    const signer = await authority.createSigner({ profile, commonName, organization: '样例单位' })
    files.push(
      { name: `${file}.pem`, content: formatChain(signer) },
      { name: `${file}.key`, content: signer.privateKeyPem, mode: 0o600 },
    )
  }
  return files
}

function formatChain({ certificateChain }: Signer): string {
  return certificateChain.map((certificate) => formatCertificatePem(certificate)).join('')
}

/** Names the file that is in the way before anything is written. */
async function refuseExisting(context: VerbContext, folder: string, files: readonly NewFile[]): Promise<void> {
  for (const { name } of files) {
    const found = await access(resolve(context.folder, folder, name)).then(
      () => true,
      () => false,
    )
    if (found) {
      throw commandError(
        'ERR_COMMAND_OUTPUT',
        `${join(folder, name)} exists already and is left as it is; choose another folder.`,
      )
    }
  }
}
