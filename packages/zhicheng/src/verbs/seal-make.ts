/** `zhicheng seal make`: an electronic seal from a picture, signed by a seal maker (制章). */

import { sniffFileType } from '@zhicheng/formats'
import { createEsSeal } from '@zhicheng/seal/ofd'
import { commandError } from '../errors.ts'
import { readUserFile } from '../lib/input-file.ts'
import { readCertificates, readSigner } from '../lib/key-files.ts'
import { choiceOption, noPositionals, option, requiredOption, wholeNumberOption } from '../lib/options.ts'
import { checkOutput, writeUserFile } from '../lib/output-file.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'

const versions = { '1': 1, '4': 4, '5': 5 } as const

export const verb: Verb = {
  name: 'seal make',
  summary: 'Makes an electronic seal from a picture, for one signer certificate (制章)',
  usage: [
    '--image PNG --maker-key K --maker-chain C --signer-cert CERT -o SEAL.esl [--ses 1|4|5] [--name NAME]',
    '    [--size MM] [--key-password-file F]',
    '',
    '  --image        picture of the seal',
    '  --maker-key    SM2 key of the seal maker (PEM, DER or .p12), --maker-chain its certificates',
    '  --signer-cert  certificate that may use the seal; of a chain, the first one',
    '  --ses          1 (GM/T 0031-2014), 4 (GB/T 38540-2020, the default) or 5 (GM/T 0031-2025)',
    "  --name         name of the seal; by default that in the signer's certificate",
    '  --size         width and height in millimetres, 10 to 100; 42 by default',
    "  --key-password-file  file that holds the password of the maker's key",
  ].join('\n'),
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
  async run(context, values, positionals) {
    noPositionals(positionals)
    const image = requiredOption(values, 'image')
    const signerFile = requiredOption(values, 'signer-cert')
    const target = requiredOption(values, 'output')
    const version = versions[choiceOption(values, 'ses', ['1', '4', '5']) ?? '4']
    const size = wholeNumberOption(values, 'size', { from: 10, to: 100, byDefault: 42, unit: 'whole millimetres' })
    await checkOutput(context, target)
    const data = await readUserFile(context, image, { maxBytes: 4_194_304 })
    const type = sniffFileType(data.subarray(0, 4096))
    if (type !== 'png') {
      throw commandError('ERR_COMMAND_FILE_TYPE', `The picture of a seal is a PNG; ${image} looks like: ${type}.`)
    }
    const [certificate] = await readCertificates(context, signerFile)
    const maker = await readSigner(context, values, { prefix: 'maker-' })
    const now = new Date()
    const ends = [certificate!.notAfter, maker.certificateChain[0].notAfter]
    const seal = await createEsSeal(
      {
        version,
        name: option(values, 'name') ?? certificate!.subject.commonName ?? certificate!.subject.text,
        picture: { type, data, width: size, height: size },
        certificates: [certificate!],
        maker,
        createdAt: now,
        validFrom: now,
        // A seal that outlives one of its certificates would verify today and fail tomorrow.
        validUntil: new Date(Math.min(...ends.map((end) => end.getTime()))),
      },
      { signal: context.stop },
    )
    await writeUserFile(context, target, seal)
    context.note(`Seal written to ${target}.`)
    return exitStatus.good
  },
}
