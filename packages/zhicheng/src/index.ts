/** The command line of Zhicheng as a function, for programs that want to run a verb in their own process. */
export { runCommand } from './command.ts'
export { exitStatus, type Verb, type VerbContext } from './lib/verb.ts'
