/** `zhicheng seal sign`: signs a PDF (PAdES) or seals an OFD (SES), never touching what was there before. */

import { sniffFileType } from '@zhicheng/formats'
import { readSigner } from '../lib/key-files.ts'
import { writeUserFile } from '../lib/output-file.ts'
import { requestTimestampOverHttp } from '../lib/timestamp-http.ts'
import {
  choiceOption,
  commandError,
  exitStatus,
  onePositional,
  option,
  readUserFile,
  requiredOption,
  type Verb,
  type VerbContext,
  type VerbValues,
} from '../lib/verb.ts'

export const verb: Verb = {
  name: 'seal sign',
  summary: 'Signs a PDF or seals an OFD (签章)',
  usage: [
    'IN.pdf|IN.ofd -o OUT --key K --chain C [--seal SEAL.esl] [--level B-B|B-T] [--tsa URL] [--field NAME]',
    '    [--visible page,x,y,w,h] [--certify 1|2|3] [--key-password-file F]',
    '',
    '  --visible counts in points from the bottom left in a PDF, in millimetres from the top left in an OFD.',
  ].join('\n'),
  options: {
    output: { type: 'string', short: 'o' },
    key: { type: 'string' },
    chain: { type: 'string' },
    seal: { type: 'string' },
    level: { type: 'string' },
    tsa: { type: 'string' },
    field: { type: 'string' },
    visible: { type: 'string' },
    certify: { type: 'string' },
    'key-password-file': { type: 'string' },
  },
  async run(context, values, positionals) {
    const path = onePositional(positionals, 'file')
    const target = requiredOption(values, 'output')
    const input = await readUserFile(context, path)
    const type = sniffFileType(input.subarray(0, 4096))
    const signed =
      type === 'pdf'
        ? await signPdfFile(context, values, input)
        : type === 'ofd' || type === 'zip'
          ? await signOfdFile(context, values, input)
          : undefined
    if (!signed) throw commandError('ERR_COMMAND_FILE', `${path} is neither a PDF nor an OFD (it looks like: ${type}).`)
    await writeUserFile(context, target, signed)
    context.note(`Signed file written to ${target}.`)
    return exitStatus.good
  },
}

async function signPdfFile(context: VerbContext, values: VerbValues, input: Uint8Array): Promise<Uint8Array> {
  const { pictureSeal, signPdf } = await import('@zhicheng/seal/pdf')
  const { parseEsSeal } = await import('@zhicheng/seal/ofd')
  const tsa = option(values, 'tsa')
  const level = choiceOption(values, 'level', ['B-B', 'B-T']) ?? (tsa ? 'B-T' : 'B-B')
  if (level === 'B-T' && !tsa)
    throw commandError('ERR_COMMAND_ARGUMENTS', 'Level B-T needs a timestamp service: --tsa URL.')
  const box = readBox(values)
  const sealFile = option(values, 'seal')
  if (box && !sealFile)
    throw commandError('ERR_COMMAND_ARGUMENTS', 'A visible seal needs its picture: --seal SEAL.esl.')
  const certify = choiceOption(values, 'certify', ['1', '2', '3'])
  const field = option(values, 'field')
  return signPdf(input, {
    signer: await readKey(context, values),
    level,
    ...(tsa ? { timestamps: requestTimestampOverHttp(tsa) } : {}),
    ...(field ? { field } : {}),
    ...(certify ? { certify: Number(certify) as 1 | 2 | 3 } : {}),
    ...(box && sealFile
      ? { visible: { ...box, seal: pictureSeal(parseEsSeal(await readUserFile(context, sealFile)).picture.data) } }
      : {}),
  })
}

async function signOfdFile(context: VerbContext, values: VerbValues, input: Uint8Array): Promise<Uint8Array> {
  const { signOfd } = await import('@zhicheng/seal/ofd')
  for (const name of ['level', 'tsa', 'field', 'certify']) {
    if (option(values, name))
      throw commandError('ERR_COMMAND_ARGUMENTS', `--${name} is for PDF; an OFD is sealed without it.`)
  }
  const box = readBox(values)
  return signOfd(input, {
    signer: await readKey(context, values),
    seal: await readUserFile(context, requiredOption(values, 'seal')),
    stamps: [box ?? { page: 1, x: 140, y: 220, width: 42, height: 42 }],
  })
}

function readKey(context: VerbContext, values: VerbValues): ReturnType<typeof readSigner> {
  return readSigner(context, {
    key: requiredOption(values, 'key'),
    chain: option(values, 'chain'),
    passwordFile: option(values, 'key-password-file'),
  })
}

function readBox(
  values: VerbValues,
): { page: number; x: number; y: number; width: number; height: number } | undefined {
  const text = option(values, 'visible')
  if (text === undefined) return undefined
  const numbers = text.split(',').map(Number)
  const [page, x, y, width, height] = numbers
  if (
    numbers.length !== 5 ||
    numbers.some((number) => !Number.isFinite(number)) ||
    !Number.isInteger(page) ||
    page! < 1
  ) {
    throw commandError('ERR_COMMAND_ARGUMENTS', '--visible takes page,x,y,width,height, such as 1,400,100,120,120.')
  }
  return { page: page!, x: x!, y: y!, width: width!, height: height! }
}
