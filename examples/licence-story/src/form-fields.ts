/** The item's nested form as flat text fields for a page, and back: the same schema then checks it on both sides. */
import type { JsonValue } from '@zhicheng/formats'
import type { FormField, ServiceItem } from '@zhicheng/intake'

/** One text field of a page, in JSON Schema. */
interface FlatField {
  type: 'string'
  title: string
  description?: string
  enum?: string[]
  pattern?: string
  minLength?: number
  maxLength?: number
}

/** A form of text fields only. */
export interface FlatForm {
  form: { type: 'object'; properties: Record<string, FlatField>; required: string[] }
  order: string[]
}

type Node = { readonly [keyword: string]: JsonValue }
const yes = '是'
const no = '否'
const agreed = '我承诺以上内容真实有效'

/** Describes every field of the layout by its pointer: `/operator/name`. */
export function flattenForm(item: ServiceItem): FlatForm {
  const fields = item.form.layout.groups.flatMap((group) => group.fields)
  const properties = Object.fromEntries(fields.map((field) => [field.path, describe(field, item)]))
  const required = fields.map(({ path }) => path).filter((path) => isRequired(item.form.schema, path))
  return { form: { type: 'object', properties, required }, order: fields.map(({ path }) => path) }
}

/** The nested form of the texts a page collected; empty fields are left out. */
export function unflattenForm(item: ServiceItem, texts: Readonly<Record<string, string>>): JsonValue {
  const form: Record<string, JsonValue> = {}
  for (const { path } of item.form.layout.groups.flatMap((group) => group.fields)) {
    const text = texts[path]?.trim() ?? ''
    if (text === '') continue
    const keys = path.split('/').slice(1)
    let target = form
    for (const key of keys.slice(0, -1)) {
      target[key] ??= {}
      target = target[key] as Record<string, JsonValue>
    }
    target[keys.at(-1)!] = toValue(schemaAt(item.form.schema, path), text)
  }
  return form
}

function describe({ path, label, hint }: FormField, item: ServiceItem): FlatField {
  const schema = schemaAt(item.form.schema, path)
  const { type, minLength, maxLength, pattern } = schema as Partial<Record<string, string | number>>
  const choices = schema['const'] === true ? [agreed] : type === 'boolean' ? [yes, no] : enumOf(schema)
  return {
    type: 'string',
    title: label,
    ...(hint ? { description: hint } : {}),
    ...(choices ? { enum: choices } : {}),
    ...(typeof pattern === 'string'
      ? { pattern }
      : type === 'number'
        ? { pattern: '^[0-9]{1,7}(\\.[0-9]{1,2})?$' }
        : {}),
    ...(typeof minLength === 'number' ? { minLength } : {}),
    ...(typeof maxLength === 'number' ? { maxLength } : {}),
  }
}

function toValue(schema: Node, text: string): JsonValue {
  if (schema['const'] === true) return text === agreed
  if (schema['type'] === 'boolean') return text === yes
  if (schema['type'] === 'number') return Number(text)
  return schema['type'] === 'array' ? [text] : text
}

function enumOf(schema: Node): string[] | undefined {
  const list = schema['enum'] ?? (schema['items'] as Node | undefined)?.['enum']
  return Array.isArray(list) ? list.map(String) : undefined
}

function schemaAt(schema: Node, path: string): Node {
  return path
    .split('/')
    .slice(1)
    .reduce<Node>((node, key) => (node['properties'] as Record<string, Node>)[key]!, schema)
}

function isRequired(schema: Node, path: string): boolean {
  const keys = path.split('/').slice(1)
  return keys.every((key, depth) => {
    const parent = depth === 0 ? schema : schemaAt(schema, `/${keys.slice(0, depth).join('/')}`)
    return (parent['required'] as string[] | undefined)?.includes(key) ?? false
  })
}
