/** `zhicheng seal make`: an electronic seal from a picture, signed by a seal maker (制章). */
import { extname } from 'node:path'
import { parseCertificates } from '@zhicheng/crypto'
import { createEsSeal } from '@zhicheng/seal/ofd'
import { readSigner } from '../lib/key-files.ts'
import { writeUserFile } from '../lib/output-file.ts'
import { choiceOption, commandError, exitStatus, option, readUserFile, requiredOption, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'seal make',
  summary: 'Makes an electronic seal from a picture, for one signer certificate (制章)',
  usage:
    '--image PNG --maker-key K --maker-chain C --signer-cert CERT -o SEAL.esl [--name NAME] [--size MM] [--ses 1|4|5]',
  options: {
    image: { type: 'string' },
    'maker-key': { type: 'string' },
    'maker-chain': { type: 'string' },
    'signer-cert': { type: 'string' },
    output: { type: 'string', short: 'o' },
    name: { type: 'string' },
    size: { type: 'string' },
    ses: { type: 'string' },
    'key-password-file': { type: 'string' },
  },
  async run(context, values) {
    const image = requiredOption(values, 'image')
    const target = requiredOption(values, 'output')
    const type = extname(image).slice(1).toLowerCase()
    if (type !== 'png') throw commandError('ERR_COMMAND_ARGUMENTS', `The picture of a seal is a PNG; ${image} is none.`)
    const [certificate] = parseCertificates(await readUserFile(context, requiredOption(values, 'signer-cert')))
    const size = Number(option(values, 'size') ?? '42')
    if (!(size >= 10 && size <= 60))
      throw commandError('ERR_COMMAND_ARGUMENTS', '--size takes millimetres from 10 to 60.')
    const maker = await readSigner(context, {
      key: requiredOption(values, 'maker-key'),
      chain: option(values, 'maker-chain'),
      passwordFile: option(values, 'key-password-file'),
    })
    const now = new Date()
    const seal = await createEsSeal({
      version: Number(choiceOption(values, 'ses', ['1', '4', '5']) ?? '4') as 1 | 4 | 5,
      name: option(values, 'name') ?? certificate!.subject.commonName ?? certificate!.subject.text,
      picture: { type, data: await readUserFile(context, image), width: size, height: size },
      certificates: [certificate!],
      maker,
      createdAt: now,
      validFrom: now,
      validUntil: certificate!.notAfter,
    })
    await writeUserFile(context, target, seal)
    context.note(`Seal written to ${target}.`)
    return exitStatus.good
  },
}
