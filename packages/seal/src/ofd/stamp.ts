/** Stamps (签章外观, GB/T 33190, clause 18): the places on the pages of an OFD document where a seal shows. */

/** Where a seal appears on a page. */
export interface OfdStamp {
  /** Counted from 1. */
  page: number
  /** Millimetres from the left edge of the page. */
  x: number
  /** Millimetres from the top edge of the page. */
  y: number
  /** Millimetres. */
  width: number
  /** Millimetres. */
  height: number
}
