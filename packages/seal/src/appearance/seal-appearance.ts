/** How a seal looks: pictures and paths in a box of millimetres, drawn the same in PDF and OFD. */
import type { ImageItem, PathItem } from '../document/description.ts'

/** A seal's picture. Paths use the absolute commands M, L, C, Q and Z; the origin is the top-left corner. */
export interface SealAppearance {
  /** Millimetres. */
  readonly width: number
  /** Millimetres. */
  readonly height: number
  readonly items: readonly (PathItem | ImageItem)[]
}
