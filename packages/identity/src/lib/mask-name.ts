/** The province's rule for names on pages: the first character is covered, the others are shown. */

/** `张三` becomes `*三`. */
export function maskName(name: string): string {
  return `*${[...name].slice(1).join('')}`
}
