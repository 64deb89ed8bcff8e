/** Turns a seal's picture into a form XObject for a widget: paths as operators, pictures as image XObjects (ISO 32000-2, 12.5.5). */
import type { SealAppearance } from '../../appearance.ts'
import type { ImageItem, PathItem } from '../../document/description.ts'
import { sealError } from '../../errors.ts'
import type { Update } from './append.ts'
import { deflate } from './filter.ts'
import { readPicture } from './image.ts'
import { type PdfReference, type PdfValue, pdfDictionary, pdfName, pdfStream } from './objects.ts'
import { formatNumber, latin1 } from './writer.ts'

/** Adds the appearance of a seal, fitted into a box of points, and returns the reference of its form. */
export async function addAppearance(
  update: Update,
  seal: SealAppearance,
  { width, height }: { width: number; height: number },
): Promise<PdfReference> {
  const images: Record<string, PdfValue> = {}
  let content = ''
  for (const item of seal.items) {
    if (item.kind === 'path') content += pathOperators(item, seal.height)
    else {
      const name = `Im${Object.keys(images).length}`
      images[name] = await addImage(update, item)
      const bottom = seal.height - item.y - item.height
      content += `q ${[item.width, 0, 0, item.height, item.x, bottom].map(formatNumber).join(' ')} cm /${name} Do Q\n`
    }
  }
  const scale = [width / seal.width, 0, 0, height / seal.height, 0, 0].map(formatNumber).join(' ')
  const reference = update.allocate()
  update.set(
    reference,
    pdfStream(
      {
        Type: pdfName('XObject'),
        Subtype: pdfName('Form'),
        BBox: [0, 0, width, height],
        Filter: pdfName('FlateDecode'),
        Resources: pdfDictionary(Object.keys(images).length > 0 ? { XObject: pdfDictionary(images) } : {}),
      },
      await deflate(latin1(`q ${scale} cm\n${content}Q\n`)),
    ),
  )
  return reference
}

function pathOperators({ d, fill, stroke, lineWidth = 0.2 }: PathItem, top: number): string {
  const colour = (value: readonly number[], operator: string): string =>
    `${value.map((component) => formatNumber(component / 255)).join(' ')} ${operator}\n`
  const paint = fill && stroke ? 'B' : fill ? 'f' : stroke ? 'S' : 'n'
  return (
    (fill ? colour(fill, 'rg') : '') +
    (stroke ? `${colour(stroke, 'RG')}${formatNumber(lineWidth)} w\n` : '') +
    `${outlineOperators(d, top)}${paint}\n`
  )
}

function outlineOperators(d: string, top: number): string {
  let operators = ''
  let current: readonly [number, number] = [0, 0]
  for (const [, letter, rest] of d.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const numbers = (rest!.match(/[+-]?(\d+\.?\d*|\.\d+)/g) ?? []).map(Number)
    const wanted = { M: 2, L: 2, C: 6, Q: 4, Z: 0 }[letter!]
    if (wanted === undefined || numbers.length !== wanted) {
      throw sealError('ERR_SEAL_APPEARANCE', `A path of the seal uses "${letter}" in a way that is not drawn here.`)
    }
    const points: [number, number][] = []
    for (let index = 0; index < numbers.length; index += 2) points.push([numbers[index]!, top - numbers[index + 1]!])
    if (letter === 'Z') operators += 'h\n'
    else if (letter === 'Q') operators += curve(cubicOf(current, points[0]!, points[1]!))
    else if (letter === 'C') operators += curve(points)
    else operators += `${points[0]!.map(formatNumber).join(' ')} ${letter === 'M' ? 'm' : 'l'}\n`
    current = points.at(-1) ?? current
  }
  return operators
}

function curve(points: readonly (readonly [number, number])[]): string {
  return `${points.flat().map(formatNumber).join(' ')} c\n`
}

type Point = readonly [number, number]

/** PDF has no quadratic curves: the same curve with two control points. */
function cubicOf(from: Point, control: Point, to: Point): Point[] {
  const towards = (end: Point): Point => [
    end[0] + ((control[0] - end[0]) * 2) / 3,
    end[1] + ((control[1] - end[1]) * 2) / 3,
  ]
  return [towards(from), towards(to), to]
}

async function addImage(update: Update, item: ImageItem): Promise<PdfReference> {
  const picture = await readPicture(item)
  const reference = update.allocate()
  const common = { Type: pdfName('XObject'), Subtype: pdfName('Image'), Width: picture.width, Height: picture.height }
  let mask: PdfReference | undefined
  if (picture.alpha) {
    mask = update.allocate()
    update.set(
      mask,
      pdfStream(
        { ...common, ColorSpace: pdfName('DeviceGray'), BitsPerComponent: 8, Filter: pdfName('FlateDecode') },
        picture.alpha,
      ),
    )
  }
  update.set(
    reference,
    pdfStream(
      {
        ...common,
        ColorSpace: pdfName(picture.colours === 1 ? 'DeviceGray' : 'DeviceRGB'),
        BitsPerComponent: 8,
        Filter: pdfName(picture.filter),
        SMask: mask,
      },
      picture.data,
    ),
  )
  return reference
}
