/** `zhicheng archive pack`: packs a folder as a case package with manifests (归档打包). */
import { resolve } from 'node:path'
import { packDirectory } from '@zhicheng/archive/node'
import { choiceOption, exitStatus, onePositional, requiredOption, type Verb } from '../lib/verb.ts'

export const verb: Verb = {
  name: 'archive pack',
  summary: 'Packs a folder as a case package (归档包)',
  usage: 'DIR -o OUT [--profile gbt42727-2023] [--format bag|zip]',
  options: {
    output: { type: 'string', short: 'o' },
    profile: { type: 'string' },
    format: { type: 'string' },
  },
  async run(context, values, positionals) {
    const folder = onePositional(positionals, 'folder')
    const target = requiredOption(values, 'output')
    await packDirectory(resolve(context.folder, folder), resolve(context.folder, target), {
      format: choiceOption(values, 'format', ['bag', 'zip']) ?? 'zip',
      profile: choiceOption(values, 'profile', ['gbt42727-2023']) ?? 'gbt42727-2023',
    })
    context.note(`Package written to ${target}.`)
    return exitStatus.good
  },
}
