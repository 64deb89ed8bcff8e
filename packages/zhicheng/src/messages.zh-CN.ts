/** 中文错误文本: what a person reads for each code of the command line. */
import type { CommandErrorCode } from './errors.ts'

/** One sentence per code: what happened and what to do. */
export const commandMessages: Readonly<Record<CommandErrorCode, string>> = {
  ERR_COMMAND_UNKNOWN_VERB: '没有这个动词，请用 --help 查看有哪些动词。',
  ERR_COMMAND_ARGUMENTS: '参数不完整或不合法，请用 --help 查看该动词的选项。',
  ERR_COMMAND_FILE: '文件或目录无法读取，请检查路径、权限与内容。',
  ERR_COMMAND_FILE_TYPE: '文件内容与所需类型或其扩展名不符，请确认选对了文件。',
  ERR_COMMAND_FILE_TOO_LARGE: '文件超过允许的大小，请换用较小的文件或在程序中调用接口。',
  ERR_COMMAND_OUTPUT: '结果无法写入指定位置，请检查目录、权限与同名文件。',
  ERR_COMMAND_PORT: '端口不能使用，请用 --port 换一个端口，或用 0 自动选择。',
  ERR_COMMAND_STOPPED: '已按要求中止，没有写出任何结果。',
  ERR_COMMAND_INTERNAL: '程序内部出错，请把错误输出中的全部内容反馈给维护者。',
}
