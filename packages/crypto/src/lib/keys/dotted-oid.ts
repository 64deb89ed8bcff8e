/** Object identifiers as strangers write them. */

// Arcs of up to 39 digits hold the UUIDs under 2.25; beyond that, numbers only serve to keep the reader busy.
const dotted = /^(?:[01](?:\.(?:[0-9]|[1-3][0-9]))|2(?:\.(?:0|[1-9][0-9]{0,38})))(?:\.(?:0|[1-9][0-9]{0,38})){0,30}$/

/** True if a text is an object identifier in dotted form. */
export function isDottedOid(text: string): boolean {
  return text.length <= 256 && dotted.test(text)
}
