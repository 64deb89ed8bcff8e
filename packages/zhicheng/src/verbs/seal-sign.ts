/** `zhicheng seal sign`: signs a PDF (PAdES) or seals an OFD (SES), never touching what was there before. */
import { extname } from 'node:path'
import type { Signer, TimestampSource } from '@zhicheng/crypto'
import { commandError } from '../errors.ts'
import { documentFormat, headBytes } from '../lib/document-file.ts'
import { inFile, readUserFile } from '../lib/input-file.ts'
import { readSigner } from '../lib/key-files.ts'
import { choiceOption, onePositional, option, requiredOption } from '../lib/options.ts'
import { checkOutput, writeUserFile } from '../lib/output-file.ts'
import { type Box, readBox, readSeal } from '../lib/seal-file.ts'
import { exitStatus, type Verb, type VerbContext, type VerbValues } from '../lib/verb.ts'

const maxDocumentBytes = 536_870_912
const millimetresPerPoint = 25.4 / 72

export const verb: Verb = {
  name: 'seal sign',
  summary: 'Signs a PDF or seals an OFD (签章)',
  usage: [
    'IN.pdf|IN.ofd -o OUT --key K --chain C [--seal SEAL.esl] [--level B-B|B-T] [--tsa URL] [--field NAME]',
    '    [--visible page,x,y,w,h] [--certify 1|2|3] [--key-password-file F]',
    '',
    "  --key      signer's key (PEM, DER or .p12), --chain its certificate and issuers; OFD needs an SM2 key",
    '  --seal     electronic seal: required for OFD; in a PDF it needs --visible',
    '  --tsa      timestamp service (RFC 3161); in a PDF it makes the level B-T',
    '  --visible  in points from the bottom left in a PDF, in millimetres from the top left in an OFD;',
    '             an OFD without it is sealed at 1,140,220 in the size of the seal',
    '  PDF only:  --level; --field, an empty signature field or a new name;',
    '             --certify, what may change later: 1 nothing, 2 form filling and signatures, 3 annotations too',
    '  Files up to 512 MiB.',
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
    await checkOutput(context, target, { input: path })
    const input = await readUserFile(context, path, { maxBytes: maxDocumentBytes })
    const format = documentFormat(path, input.subarray(0, headBytes))
    const named = extname(target).slice(1).toLowerCase()
    if (named !== format && (named === 'pdf' || named === 'ofd')) {
      throw commandError(
        'ERR_COMMAND_ARGUMENTS',
        `${path} is a .${format}, so ${target} cannot be the name of its result.`,
      )
    }
    const tsa = option(values, 'tsa')
    const request: SignRequest = {
      path,
      input,
      box: readBox(values),
      signer: await readSigner(context, values),
      ...(tsa === undefined ? {} : { timestamps: await timestampsOf(tsa) }),
    }
    const signed = await (format === 'pdf' ? signPdfFile : signOfdFile)(context, values, request)
    await writeUserFile(context, target, signed)
    context.note(`Signed file written to ${target}.`)
    return exitStatus.good
  },
}

interface SignRequest {
  path: string
  input: Uint8Array
  box: Box | undefined
  signer: Signer
  timestamps?: TimestampSource
}

async function timestampsOf(url: string): Promise<TimestampSource> {
  const { tsa } = await import('@zhicheng/sdk')
  const source = await inFile('--tsa', () => tsa({ url }))
  return {
    timestamp: (imprint, options) => inFile('The timestamp service', () => source.timestamp(imprint, options)),
  }
}

async function signPdfFile(
  context: VerbContext,
  values: VerbValues,
  { path, input, box, signer, timestamps }: SignRequest,
): Promise<Uint8Array> {
  const { pictureSeal, signPdf } = await import('@zhicheng/seal/pdf')
  const level = choiceOption(values, 'level', ['B-B', 'B-T']) ?? (timestamps ? 'B-T' : 'B-B')
  if ((level === 'B-T') !== (timestamps !== undefined)) {
    throw commandError('ERR_COMMAND_ARGUMENTS', 'Level B-T and a timestamp service go together: --level B-T --tsa URL.')
  }
  const sealFile = option(values, 'seal')
  if ((box === undefined) !== (sealFile === undefined)) {
    throw commandError('ERR_COMMAND_ARGUMENTS', 'A visible seal in a PDF needs both --seal SEAL.esl and --visible.')
  }
  const certify = choiceOption(values, 'certify', ['1', '2', '3'])
  const field = option(values, 'field')
  const seal = sealFile === undefined ? undefined : await readSeal(context, sealFile, signer)
  const visible = box &&
    seal && {
      ...box,
      seal: await inFile(sealFile!, () =>
        pictureSeal({
          data: seal.picture.data,
          width: box.width * millimetresPerPoint,
          height: box.height * millimetresPerPoint,
        }),
      ),
    }
  return inFile(path, () =>
    signPdf(input, {
      signer,
      level,
      signal: context.stop,
      ...(timestamps ? { timestamps } : {}),
      ...(field === undefined ? {} : { field }),
      ...(certify ? { certify: Number(certify) as 1 | 2 | 3 } : {}),
      ...(visible ? { visible } : {}),
    }),
  )
}

async function signOfdFile(
  context: VerbContext,
  values: VerbValues,
  { path, input, box, signer, timestamps }: SignRequest,
): Promise<Uint8Array> {
  const { signOfd } = await import('@zhicheng/seal/ofd')
  for (const name of ['level', 'field', 'certify']) {
    if (option(values, name) !== undefined) {
      throw commandError('ERR_COMMAND_ARGUMENTS', `--${name} is for PDF; an OFD is sealed without it.`)
    }
  }
  const { der, picture } = await readSeal(context, requiredOption(values, 'seal'), signer)
  const stamp = box ?? { page: 1, x: 140, y: 220, width: picture.width, height: picture.height }
  return inFile(path, () =>
    signOfd(
      input,
      { signer, seal: der, stamps: [stamp], ...(timestamps ? { timestamps } : {}) },
      { signal: context.stop },
    ),
  )
}
