/** Masking of personal data by the province's rule: on pages, in scripts, in addresses and in cookies alike. */

/** All but the first character: `*三`. Counted in characters, for rare ones are two UTF-16 units long. */
export function maskName(name: string): string {
  const characters = [...name]
  return characters.length <= 1 ? '*'.repeat(characters.length) : `*${characters.slice(1).join('')}`
}

/**
 * A resident ID number with its first and last character (`strong`, the default), or with what a person needs to
 * recognise their own (`confirm`: positions 1, 5 to 12 and 18).
 */
export function maskResidentId(number: string, { level = 'strong' }: { level?: 'strong' | 'confirm' } = {}): string {
  if (number.length < 18) return maskDocumentNumber(number)
  const shown = level === 'strong' ? new Set([0]) : new Set([0, 4, 5, 6, 7, 8, 9, 10, 11])
  return [...number]
    .map((character, index) => (shown.has(index) || index === number.length - 1 ? character : '*'))
    .join('')
}

/** Any other document number: the first and the last third, rounded down. */
export function maskDocumentNumber(number: string): string {
  const third = Math.floor(number.length / 3)
  return number.slice(0, third) + '*'.repeat(number.length - 2 * third) + number.slice(number.length - third)
}

/** A mobile number: three digits, four stars, four digits. Shorter ones are hidden whole. */
export function maskMobile(number: string): string {
  return number.length < 8 ? '*'.repeat(number.length) : `${number.slice(0, 3)}****${number.slice(-4)}`
}

/** A fixed line with its area code before the hyphen: area code, four stars, four digits. */
export function maskPhone(number: string): string {
  const [area = '', rest = ''] = number.split('-')
  return rest === '' ? maskMobile(number) : `${area}****${rest.slice(-4)}`
}

/** An e-mail address: up to three characters, three stars, the domain. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 0 ? '***' : `${address.slice(0, Math.min(3, at))}***${address.slice(at)}`
}

/** A bank card: six digits, a star for each hidden one, four digits. */
export function maskBankCard(number: string): string {
  return number.length <= 10
    ? '*'.repeat(number.length)
    : number.slice(0, 6) + '*'.repeat(number.length - 10) + number.slice(-4)
}
