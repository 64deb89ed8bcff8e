/** `zhicheng archive pack`: packs a folder as a case package with manifests (归档打包). */
import { resolve } from 'node:path'
import { packDirectory } from '@zhicheng/archive/node'
import { commandError } from '../errors.ts'
import { choiceOption, onePositional, requiredOption } from '../lib/options.ts'
import { checkOutput } from '../lib/output-file.ts'
import { exitStatus, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'archive pack',
  summary: 'Packs a folder as a case package (归档打包)',
  usage: [
    'DIR -o OUT [--profile gbt42727-2023|bagit] [--format bag|zip]',
    '',
    '  -o         the package; nothing may be there yet',
    '  --profile  gbt42727-2023 needs DIR/case.json, which describes the case, and is the default where that file is;',
    '             bagit packs any folder as a plain bag (RFC 8493)',
    '  --format   zip (the default for a name that ends in .zip) or bag, a folder',
  ].join('\n'),
  options: {
    output: { type: 'string', short: 'o' },
    profile: { type: 'string' },
    format: { type: 'string' },
  },
  async run(context, values, positionals) {
    const folder = onePositional(positionals, 'folder')
    const target = requiredOption(values, 'output')
    const format = choiceOption(values, 'format', ['bag', 'zip'])
    const profile = choiceOption(values, 'profile', ['gbt42727-2023', 'bagit'])
    await checkOutput(context, target)
    // Reading this lets an interruption wait until nothing half-made is left.
    const { stop } = context
    const packed = await packDirectory(resolve(context.folder, folder), resolve(context.folder, target), {
      ...(format ? { format } : {}),
      ...(profile ? { profile } : {}),
      signal: stop,
    }).catch((cause: unknown) => {
      if (!stop.aborted) throw cause
      throw commandError('ERR_COMMAND_STOPPED', `Stopped: ${target} was not written.`, cause)
    })
    const { files, tagManifestSha256 } = packed
    context.note(
      `Package of ${files.length} files written to ${target}; SHA-256 of its tag manifest: ${tagManifestSha256}.`,
    )
    return exitStatus.good
  },
}
