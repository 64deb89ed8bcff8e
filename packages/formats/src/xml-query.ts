/** Small questions to a parsed XML document, by local name: prefixes and namespaces are the caller's to compare. */
import type { XmlElement } from './xml-reader.ts'

/** The elements directly inside, all or those of a local name. */
export function childElements(element: XmlElement, localName?: string): XmlElement[] {
  return element.children.filter(
    (child): child is XmlElement =>
      typeof child !== 'string' && (localName === undefined || child.localName === localName),
  )
}

/** The first element directly inside that has this local name. */
export function firstChild(element: XmlElement, localName: string): XmlElement | undefined {
  return element.children.find(
    (child): child is XmlElement => typeof child !== 'string' && child.localName === localName,
  )
}

/** All text inside, in document order, elements within included. */
export function textOf(element: XmlElement): string {
  const parts: string[] = []
  const rest: (XmlElement | string)[] = [element]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (typeof next === 'string') parts.push(next)
    else for (let index = next.children.length - 1; index >= 0; index -= 1) rest.push(next.children[index]!)
  }
  return parts.join('')
}

/** The value of the attribute whose name is written this way. */
export function attribute(element: XmlElement, name: string): string | undefined {
  return element.attributes.get(name)
}
