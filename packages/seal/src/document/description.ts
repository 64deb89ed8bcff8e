/**
 * A document before it has a format: pages of text, lines, boxes, pictures and paths, all in millimetres.
 *
 * One description becomes a PDF ({@link createPdf}) or an OFD document, so that both look alike.
 */

/** A colour: red, green and blue, each 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

/** A document to be made. */
export interface DocumentDescription {
  title: string
  author?: string
  subject?: string
  /** Written as creation and modification time; the same description always gives the same bytes. */
  createdAt: Date
  pages: PageDescription[]
  /** Font programs (TrueType, OpenType or WOFF2 bytes) by the names the text items use. */
  fonts: Record<string, Uint8Array>
}

/** A page; its items are painted in order, later ones over earlier ones. */
export interface PageDescription {
  /** Millimetres. */
  width: number
  /** Millimetres. */
  height: number
  items: PageItem[]
}

/** Whatever can lie on a page. The origin is the top-left corner, y grows downwards. */
export type PageItem = TextItem | LineItem | RectangleItem | ImageItem | PathItem

/** One line of text, or a paragraph when `maxWidth` is set. */
export interface TextItem {
  kind: 'text'
  text: string
  /** The anchor in mm: the left end, the middle or the right end of the line, as `align` says. */
  x: number
  /** The base line of the first line in mm. */
  y: number
  /** Font size (em) in mm. */
  size: number
  /** A key of {@link DocumentDescription.fonts}. */
  font: string
  /** Black when absent. */
  color?: Colour
  /** `left` when absent. */
  align?: 'left' | 'center' | 'right'
  /** Width in mm at which the text breaks into lines 1.5 em apart; unbroken when absent. */
  maxWidth?: number
  /** Additional space after each character in mm. */
  letterSpacing?: number
}

/** A straight line. */
export interface LineItem {
  kind: 'line'
  x1: number
  y1: number
  x2: number
  y2: number
  /** Thickness in mm. */
  width: number
  /** Black when absent. */
  color?: Colour
}

/** A rectangle; without `stroke` it has no border, without `fill` no surface. `x`, `y` is its top-left corner. */
export interface RectangleItem {
  kind: 'rectangle'
  x: number
  y: number
  width: number
  height: number
  /** Thickness of the border in mm; 0.2 when absent. */
  lineWidth?: number
  stroke?: Colour
  fill?: Colour
}

/** A picture stretched over a rectangle. */
export interface ImageItem {
  kind: 'image'
  x: number
  y: number
  width: number
  height: number
  data: Uint8Array
  mediaType: 'image/png' | 'image/jpeg'
}

/** A path in SVG syntax (absolute and relative commands M L H V C S Q T A Z) whose unit is the millimetre. */
export interface PathItem {
  kind: 'path'
  d: string
  fill?: Colour
  stroke?: Colour
  /** Thickness of the stroke in mm; 0.2 when absent. */
  lineWidth?: number
}
