/** Turns the JSON Schema of a form into fields, and checks what was typed into them. */
import type { FieldSchema, FormSchema } from './contract.ts'
import { countCharacters } from './text.ts'

/** A field as it is shown and checked. */
export interface Field {
  name: string
  title: string
  hint?: string
  kind: 'line' | 'lines' | 'choice' | 'select' | 'date' | 'telephone'
  choices: readonly string[]
  required: boolean
  pattern?: RegExp
  minLength: number
  maxLength: number
}

// A choice of up to five stands on the page; a longer one folds into a list.
const mostChoicesShown = 5
const longestLine = 100
const longestAnswer = 2000

/** The fields in the order given; a property that the order forgets comes last rather than getting lost. */
export function fieldsOf({ properties, required = [] }: FormSchema, order: readonly string[]): Field[] {
  const names = new Set([...order.filter((name) => Object.hasOwn(properties, name)), ...Object.keys(properties)])
  return [...names].map((name) => fieldOf(name, properties[name]!, required.includes(name)))
}

function fieldOf(name: string, schema: FieldSchema, required: boolean): Field {
  return {
    name,
    title: schema.title,
    ...(schema.description ? { hint: schema.description } : {}),
    kind: kindOf(name, schema),
    choices: schema.enum ?? [],
    required,
    ...(schema.pattern ? { pattern: new RegExp(schema.pattern, 'u') } : {}),
    minLength: schema.minLength ?? 0,
    maxLength: schema.maxLength ?? longestAnswer,
  }
}

function kindOf(name: string, schema: FieldSchema): Field['kind'] {
  if (schema.enum) return schema.enum.length > mostChoicesShown ? 'select' : 'choice'
  if (schema.format === 'date') return 'date'
  if (/phone|mobile|telephone/i.test(name)) return 'telephone'
  return (schema.maxLength ?? 0) > longestLine ? 'lines' : 'line'
}

/** The answer without outer space; full-width or lower-case letters become what the pattern wants, if that helps. */
export function normaliseAnswer({ pattern }: Field, answer: string): string {
  const trimmed = answer.trim()
  if (!pattern || trimmed === '') return trimmed
  const halfWidth = trimmed.replace(/[\uff01-\uff5e]/g, (character) =>
    String.fromCharCode(character.charCodeAt(0) - 0xfee0),
  )
  const tries = [trimmed, halfWidth, halfWidth.toUpperCase(), halfWidth.replace(/[\s-]/g, '').toUpperCase()]
  return tries.find((attempt) => pattern.test(attempt)) ?? trimmed
}

/** What is wrong with an answer, in words, or `undefined`. */
export function checkAnswer(field: Field, answer: string): string | undefined {
  const { title, choices, required, pattern, minLength, maxLength } = field
  if (answer === '') return required ? missing(field) : undefined
  if (choices.length > 0) return choices.includes(answer) ? undefined : `请从列出的选项中选择${title}`
  const length = countCharacters(answer)
  if (length > maxLength) return `${title}最多 ${maxLength} 个字，现在有 ${length} 个字`
  if (length < minLength) return `${title}至少 ${minLength} 个字`
  if (pattern && !pattern.test(answer)) return `${title}的格式不正确${field.hint ? `：${field.hint}` : ''}`
  return undefined
}

function missing({ kind, title, choices }: Field): string {
  if (choices.length === 1) return `请勾选“${choices[0]}”`
  return `请${kind === 'choice' || kind === 'select' || kind === 'date' ? '选择' : '填写'}${title}`
}
