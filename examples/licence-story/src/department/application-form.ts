/** The form of this matter: its fields as pages show them, and the application as a PDF for the file. */
import type { JsonValue } from '@zhicheng/formats'
import type { FormField, ServiceItem } from '@zhicheng/intake'
import { createPdf, type DocumentDescription, type PageItem } from '@zhicheng/seal/document'

/** Every field of the item's layout, in order. */
function fieldsOf(item: ServiceItem): FormField[] {
  return item.form.layout.groups.flatMap(({ fields }) => fields)
}

/** The value at a JSON pointer without escapes, such as `/operator/name`. */
function valueAt(form: JsonValue, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = form
  for (const key of path.split('/').slice(1)) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
    value = (value as { readonly [key: string]: JsonValue })[key]
  }
  return value
}

/** The text at a pointer; empty when there is none. */
export function textAt(form: JsonValue, path: string): string {
  const value = valueAt(form, path)
  if (Array.isArray(value)) return value.join('；')
  return typeof value === 'boolean' ? (value ? '是' : '否') : value === undefined || value === null ? '' : String(value)
}

/** Writes the submitted form as a PDF for the case file. */
export function formatApplication(
  item: ServiceItem,
  form: JsonValue,
  { font, createdAt, caseNumber }: { font: Uint8Array; createdAt: Date; caseNumber: string },
): Promise<Uint8Array> {
  const rows = fieldsOf(item).map(({ path, label }) => [label, textAt(form, path)] as const)
  const items: PageItem[] = [
    { kind: 'text', text: `${item.name} 申请表`, x: 105, y: 32, size: 7, font: 'serif', align: 'center' },
    { kind: 'text', text: `办件编号 ${caseNumber}`, x: 105, y: 40, size: 3, font: 'serif', align: 'center' },
    ...rows.flatMap(([label, value], index): PageItem[] => {
      const y = 52 + index * 14
      return [
        { kind: 'line', x1: 20, y1: y, x2: 190, y2: y, width: 0.2 },
        { kind: 'text', text: label, x: 23, y: y + 8.5, size: 3.6, font: 'serif', color: [90, 90, 90] },
        { kind: 'text', text: value === '' ? '—' : value, x: 82, y: y + 8.5, size: 3.8, font: 'serif', maxWidth: 105 },
      ]
    }),
    {
      kind: 'text',
      text: '样例 · 测试专用',
      x: 105,
      y: 285,
      size: 3,
      font: 'serif',
      align: 'center',
      color: [150, 30, 30],
    },
  ]
  const description: DocumentDescription = {
    title: `${item.name} 申请表`,
    createdAt,
    fonts: { serif: font },
    pages: [{ width: 210, height: 297, items }],
  }
  return createPdf(description)
}
