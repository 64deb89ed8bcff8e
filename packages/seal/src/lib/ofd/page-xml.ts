/** Writes the content of a page (GB/T 33190, clauses 7.7 and 8): text, paths and pictures, painted in their order. */
import { formatXml, type XmlNode, xml } from '@zhicheng/formats'
import type {
  Colour,
  LineItem,
  PageDescription,
  PageItem,
  PathItem,
  RectangleItem,
  TextItem,
} from '../../document/description.ts'
import type { FontSubset } from '../subset.ts'
import { layoutText, type TextLine } from '../text-layout.ts'
import { toAbbreviatedData } from './abbreviated-data.ts'
import { ofdNamespace } from './amend.ts'
import { formatNumber } from './signature-xml.ts'

/** What the page refers to, by identifier. */
export interface PageResources {
  readonly fonts: ReadonlyMap<string, { readonly id: number; readonly subset: FontSubset }>
  readonly images: ReadonlyMap<PageItem, number>
  /** The next free identifier of the document. */
  nextId(): number
}

/** Share of the em that a line of text reaches above and below its base line, amply, so that nothing is clipped. */
const above = 1
const below = 0.4

/** The bytes of a page's Content.xml. */
export function formatPage(page: PageDescription, resources: PageResources): Uint8Array {
  const layerId = resources.nextId()
  const objects = page.items.flatMap((item) => formatItem(item, page, resources))
  return formatXml(
    xml(
      'ofd:Page',
      { 'xmlns:ofd': ofdNamespace },
      xml('ofd:Area', null, xml('ofd:PhysicalBox', null, box(0, 0, page.width, page.height))),
      xml('ofd:Content', null, xml('ofd:Layer', { ID: layerId, Type: 'Body' }, objects)),
    ),
  )
}

function formatItem(item: PageItem, page: PageDescription, resources: PageResources): XmlNode[] {
  switch (item.kind) {
    case 'text':
      return formatText(item, resources)
    case 'line':
      return [formatLine(item, resources.nextId())]
    case 'rectangle':
      return [formatRectangle(item, resources.nextId())]
    case 'path':
      return [formatPath(item, page, resources.nextId())]
    case 'image':
      return [
        xml('ofd:ImageObject', {
          ID: resources.nextId(),
          Boundary: box(item.x, item.y, item.width, item.height),
          CTM: [item.width, 0, 0, item.height, 0, 0].map(formatNumber).join(' '),
          ResourceID: resources.images.get(item),
        }),
      ]
  }
}

function formatText(item: TextItem, resources: PageResources): XmlNode[] {
  const { id: fontId, subset } = resources.fonts.get(item.font)!
  return layoutText(item, subset.advance)
    .filter((line) => line.text !== '')
    .map((line) => {
      const width = line.advances.reduce((sum, each) => sum + each, 0)
      const { size } = item
      return xml(
        'ofd:TextObject',
        {
          ID: resources.nextId(),
          Boundary: box(line.x, line.y - above * size, Math.max(width, size), (above + below) * size),
          Font: fontId,
          Size: formatNumber(size),
        },
        xml('ofd:FillColor', { Value: colour(item.color ?? [0, 0, 0]) }),
        xml('ofd:TextCode', { X: 0, Y: formatNumber(above * size), DeltaX: deltas(line) }, line.text),
      )
    })
}

/** Distances between characters. Rounded by position, so that the error of one does not add to the next. */
function deltas({ advances }: TextLine): string | undefined {
  const steps: string[] = []
  let exact = 0
  let written = 0
  for (const advance of advances.slice(0, -1)) {
    exact += advance
    const step = Math.round((exact - written) * 1000) / 1000
    written += step
    steps.push(formatNumber(step))
  }
  return steps.length === 0 ? undefined : steps.join(' ')
}

function formatLine({ x1, y1, x2, y2, width, color = [0, 0, 0] }: LineItem, id: number): XmlNode {
  const left = Math.min(x1, x2) - width / 2
  const top = Math.min(y1, y2) - width / 2
  const data = `M ${points(x1 - left, y1 - top)} L ${points(x2 - left, y2 - top)}`
  const boundary = box(left, top, Math.abs(x2 - x1) + width, Math.abs(y2 - y1) + width)
  return pathObject({ id, boundary, data, stroke: color, lineWidth: width })
}

function formatRectangle(item: RectangleItem, id: number): XmlNode {
  const { x, y, width, height, stroke, fill, lineWidth = 0.2 } = item
  const margin = stroke ? lineWidth / 2 : 0
  const corners = [
    points(margin, margin),
    points(margin + width, margin),
    points(margin + width, margin + height),
    points(margin, margin + height),
  ]
  const boundary = box(x - margin, y - margin, width + 2 * margin, height + 2 * margin)
  return pathObject({ id, boundary, data: `M ${corners.join(' L ')} C`, stroke, fill, lineWidth })
}

/** A free path is drawn in the coordinates of the whole page. */
function formatPath({ d, stroke, fill, lineWidth = 0.2 }: PathItem, page: PageDescription, id: number): XmlNode {
  return pathObject({
    id,
    boundary: box(0, 0, page.width, page.height),
    data: toAbbreviatedData(d),
    stroke,
    fill,
    lineWidth,
  })
}

function pathObject({
  id,
  boundary,
  data,
  stroke,
  fill,
  lineWidth,
}: {
  id: number
  boundary: string
  data: string
  stroke?: Colour | undefined
  fill?: Colour | undefined
  lineWidth: number
}): XmlNode {
  return xml(
    'ofd:PathObject',
    {
      ID: id,
      Boundary: boundary,
      LineWidth: stroke ? formatNumber(lineWidth) : undefined,
      Stroke: stroke ? undefined : 'false',
      Fill: fill ? 'true' : undefined,
    },
    fill ? xml('ofd:FillColor', { Value: colour(fill) }) : undefined,
    stroke ? xml('ofd:StrokeColor', { Value: colour(stroke) }) : undefined,
    xml('ofd:AbbreviatedData', null, data),
  )
}

function box(x: number, y: number, width: number, height: number): string {
  return [x, y, width, height].map(formatNumber).join(' ')
}

function points(x: number, y: number): string {
  return `${formatNumber(x)} ${formatNumber(y)}`
}

function colour(value: Colour): string {
  return value.map((component) => Math.round(component)).join(' ')
}
