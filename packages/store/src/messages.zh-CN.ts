/** Chinese texts of this package's errors, for people. */
import type { StoreErrorCode } from './errors.ts'

/** One sentence for each code. */
export const storeMessages: Readonly<Record<StoreErrorCode, string>> = {
  ERR_STORE_EXISTS: '该标识的记录已存在，不能重复新增。',
  ERR_STORE_KEY: '集合名、标识或索引值不合规：不能为空、不能过长、不能含有残缺字符。',
  ERR_STORE_VALUE: '该值无法以 JSON 保存，或超过单条记录的大小上限。',
  ERR_STORE_ASYNC_WORK: '事务内的代码必须同步执行：请先完成等待，再提交事务。',
  ERR_STORE_NESTED: '不能在一次读取之内再发起读取。',
  ERR_STORE_TRANSACTION_OVER: '事务已结束，不能再使用其中的读写对象。',
  ERR_STORE_CLOSED: '存储已关闭。',
  ERR_STORE_BUSY: '数据库被其他进程占用，请稍后重试。',
  ERR_STORE_SQLITE: '数据库读写失败，请检查磁盘空间和文件状态。',
  ERR_STORE_SQLITE_OPEN: '无法打开数据库文件，请检查路径和权限。',
  ERR_STORE_SQLITE_FOREIGN: '该文件是其他程序的数据库，已拒绝使用。',
  ERR_STORE_SQLITE_NEWER: '数据库由更新版本的程序写成，请升级后再使用。',
  ERR_STORE_SQLITE_UNAVAILABLE: '当前 Node 不含 node:sqlite：请使用 Node 22.13 或更高版本，或改用其他存储。',
}
