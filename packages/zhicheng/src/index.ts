/** The command line of Zhicheng as a function, for programs that want to run a verb in their own process. */
export { runCommand } from './command.ts'
export type { CommandErrorCode } from './errors.ts'
export { exitStatus, type VerbContext } from './lib/verb.ts'
export { commandMessages } from './messages.zh-CN.ts'
