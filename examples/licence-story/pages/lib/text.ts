/** Times, sizes and names as people here read them. */

/** Time of day in China's zone: `2026-11-24 08:00`; an unreadable time is shown as it came. */
export function formatMinute(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  // The Swedish form is the ISO one.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' }).format(
    time,
  )
}

/** Size of a file: `820 KB`, `1.5 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} 字节`
  const kilo = bytes / 1024
  return kilo < 1024 ? `${Math.ceil(kilo)} KB` : `${Number((kilo / 1024).toFixed(1))} MB`
}

/** A name from outside without the characters that turn the reading direction around. */
export function plainName(name: string): string {
  return name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
}

/** How many characters people count: rare characters (生僻字) are two UTF-16 units, but one character. */
export function countCharacters(text: string): number {
  return [...text].length
}
