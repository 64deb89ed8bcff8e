/** What a department does after a check. A counter report of credit applications has exactly these columns. */

/** The four outcomes that Zhejiang counts, the ordinary one, and that nothing could be decided. */
export type Measure = 'priority' | 'refuse' | 'strict' | 'key-supervision' | 'normal' | 'unknown'

/** A measure that can be taken, and so reported back. */
export type TakenMeasure = Exclude<Measure, 'unknown'>

/** All measures, in the order of the report. */
export const measures: readonly Measure[] = ['priority', 'refuse', 'strict', 'key-supervision', 'normal', 'unknown']

/** Their Chinese titles. */
export const measureTitles: Readonly<Record<Measure, string>> = {
  priority: '优先办理',
  refuse: '不予办理',
  strict: '从严办理',
  'key-supervision': '重点监管',
  normal: '正常办理',
  unknown: '无法判定',
}
