/** Puts an element on the test page and looks at it. */
import axe from 'axe-core'
import { render, type TemplateResult } from 'lit'

/** Renders into a fresh place of a Chinese page and returns that place. */
export function stage(content: TemplateResult): HTMLElement {
  document.documentElement.lang = 'zh-CN'
  document.body.replaceChildren()
  const place = document.createElement('main')
  document.body.append(place)
  render(content, place)
  return place
}

/** Every violation axe finds, as `rule: target`. */
export async function violations(place: HTMLElement): Promise<string[]> {
  const { violations: found } = await axe.run(place, { resultTypes: ['violations'] })
  return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}

/** The element's text as a person reads it. */
export function textOf(element: Element | null): string {
  const root = element?.shadowRoot ?? element
  return (root?.textContent ?? '').replace(/\s+/g, ' ').trim()
}
