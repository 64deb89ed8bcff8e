/** Chinese texts of this package's errors, for people. */
import type { IntakeErrorCode } from './errors.ts'

/** One sentence for each code. */
export const intakeMessages: Readonly<Record<IntakeErrorCode, string>> = {
  ERR_INTAKE_ITEM_INVALID: '事项配置有误：请检查编码、时限、表单和材料清单。',
  ERR_INTAKE_ITEM_UNKNOWN: '没有配置这个事项。',
  ERR_INTAKE_INPUT_INVALID: '填写的内容不合规：请检查长度和格式。',
  ERR_INTAKE_FORM_INVALID: '表单未通过校验：请按提示修改标出的栏目。',
  ERR_INTAKE_KEY_REUSED: '同一业务号已用于内容不同的申请，请核对后使用新的业务号。',
  ERR_INTAKE_CASE_UNKNOWN: '没有这个办件。',
  ERR_INTAKE_CASE_CONFLICT: '办件已被他人更新，请刷新后再试。',
  ERR_INTAKE_STEP_REFUSED: '办件当前状态不允许这一步操作。',
  ERR_INTAKE_LOG_BROKEN: '办件过程记录不完整或被改动，请停止办理并联系管理员。',
  ERR_INTAKE_NUMBER_INVALID: '办件编号格式不正确。',
  ERR_INTAKE_NUMBER_EXHAUSTED: '该事项今日的办件流水号已用完。',
  ERR_INTAKE_MATERIAL_UNKNOWN: '材料清单中没有这项材料。',
  ERR_INTAKE_MATERIAL_NAME: '文件名不合规：请使用与文件类型一致的扩展名。',
  ERR_INTAKE_MATERIAL_TYPE: '文件类型不符合要求，或文件内容与所称类型不一致。',
  ERR_INTAKE_MATERIAL_SIZE: '文件为空或超过允许的大小。',
  ERR_INTAKE_MATERIAL_COUNT: '该项材料的文件数量已达上限。',
  ERR_INTAKE_MATERIAL_MISSING: '必要材料尚未交齐。',
  ERR_INTAKE_FEE_UNPAID: '费用尚未缴清，不能准予许可。',
  ERR_INTAKE_FEE_CONFLICT: '缴费信息与办件的缴费单不一致，请人工核对。',
  ERR_INTAKE_RETURN_MALFORMED: '办件归集报文不符合接口约定。',
  ERR_INTAKE_RETURN_REFUSED: '省平台拒收了归集的办件信息。',
  ERR_INTAKE_RETURN_FAILED: '办件归集未得到省平台的有效答复，将稍后重试。',
}
