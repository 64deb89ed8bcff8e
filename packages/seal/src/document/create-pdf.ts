/** Makes a PDF of a document description: embedded font subsets, extractable text, the same bytes for the same description. */
import fontkit from '@pdf-lib/fontkit'
import { toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import {
  beginText,
  degrees,
  endText,
  PDFDocument,
  type PDFFont,
  PDFHexString,
  type PDFImage,
  type PDFName,
  type PDFOperator,
  type PDFPage,
  popGraphicsState,
  pushGraphicsState,
  rgb,
  setCharacterSpacing,
  setFillingRgbColor,
  setFontAndSize,
  setTextMatrix,
  showText,
} from 'pdf-lib'
import { sealError } from '../errors.ts'
import { type FontSubset, subsetFont } from '../lib/subset.ts'
import { layoutText } from '../lib/text-layout.ts'
import type { Colour, DocumentDescription, ImageItem, PageDescription, PathItem, TextItem } from './description.ts'
import { usedCharacters, validateDescription } from './validate.ts'

const pointsPerMillimetre = 72 / 25.4

/**
 * Makes a PDF 1.7 with classic cross-references.
 *
 * Throws `ERR_SEAL_GLYPH_MISSING` with the characters a font lacks, `ERR_SEAL_FONT_UNREADABLE` and
 * `ERR_SEAL_DOCUMENT_INVALID`.
 *
 * @example
 * ```ts
 * const pdf = await createPdf({
 *   title: '样例',
 *   createdAt: new Date('2026-11-24T08:00:00+08:00'),
 *   fonts: { serif: fontBytes },
 *   pages: [{ width: 210, height: 297, items: [{ kind: 'text', text: '食品经营许可证', x: 105, y: 60, size: 12, font: 'serif', align: 'center' }] }],
 * })
 * ```
 */
export async function createPdf(description: DocumentDescription): Promise<Uint8Array> {
  validateDescription(description)
  const pdf = await PDFDocument.create({ updateMetadata: false })
  pdf.registerFontkit(fontkit)
  pdf.setTitle(description.title)
  if (description.author !== undefined) pdf.setAuthor(description.author)
  if (description.subject !== undefined) pdf.setSubject(description.subject)
  pdf.setProducer('Zhicheng')
  pdf.setLanguage('zh-CN')
  pdf.setCreationDate(description.createdAt)
  pdf.setModificationDate(description.createdAt)
  const fonts = await embedFonts(pdf, description)
  const images = await embedImages(pdf, description)
  for (const page of description.pages) drawPage(pdf, page, { fonts, images })
  const identifier = identifierOf(description)
  pdf.context.trailerInfo.ID = pdf.context.obj([identifier, identifier])
  return pdf.save({ useObjectStreams: false, addDefaultPage: false, updateFieldAppearances: false })
}

interface EmbeddedFont {
  readonly font: PDFFont
  readonly subset: FontSubset
}

interface Embedded {
  readonly fonts: ReadonlyMap<string, EmbeddedFont>
  readonly images: ReadonlyMap<ImageItem, PDFImage>
}

async function embedFonts(pdf: PDFDocument, description: DocumentDescription): Promise<Map<string, EmbeddedFont>> {
  const fonts = new Map<string, EmbeddedFont>()
  let index = 0
  for (const [name, characters] of usedCharacters(description)) {
    const subset = await subsetFont(name, description.fonts[name]!, characters)
    // Without a name of our own the library would append a random suffix. The tag marks a subset (ISO 32000-2, 9.9.2).
    const tag = `ZC${String.fromCharCode(65 + Math.floor(index / 676), 65 + (Math.floor(index / 26) % 26), 65 + (index % 26))}A`
    const font = await pdf.embedFont(subset.bytes, {
      subset: false,
      customName: `${tag}+${subset.font.postscriptName ?? `Font${index}`}`,
    })
    fonts.set(name, { font, subset })
    index += 1
  }
  return fonts
}

async function embedImages(pdf: PDFDocument, description: DocumentDescription): Promise<Map<ImageItem, PDFImage>> {
  const images = new Map<ImageItem, PDFImage>()
  for (const item of description.pages.flatMap((page) => page.items)) {
    if (item.kind !== 'image') continue
    try {
      images.set(item, await (item.mediaType === 'image/png' ? pdf.embedPng(item.data) : pdf.embedJpg(item.data)))
    } catch (cause) {
      throw sealError('ERR_SEAL_DOCUMENT_INVALID', `A picture cannot be read as ${item.mediaType}.`, { cause })
    }
  }
  return images
}

function drawPage(pdf: PDFDocument, description: PageDescription, embedded: Embedded): void {
  const page = pdf.addPage([points(description.width), points(description.height)])
  const up = (y: number): number => points(description.height - y)
  const fontNames = new Map<string, PDFName>()
  for (const item of description.items) {
    switch (item.kind) {
      case 'text': {
        const { font, subset } = embedded.fonts.get(item.font)!
        const name = fontNames.get(item.font) ?? page.node.newFontDictionary(item.font, font.ref)
        fontNames.set(item.font, name)
        page.pushOperators(...textOperators(item, { font, subset, name, up }))
        break
      }
      case 'line':
        page.drawLine({
          start: { x: points(item.x1), y: up(item.y1) },
          end: { x: points(item.x2), y: up(item.y2) },
          thickness: points(item.width),
          color: colour(item.color ?? [0, 0, 0]),
        })
        break
      case 'rectangle':
        page.drawRectangle({
          x: points(item.x),
          y: up(item.y + item.height),
          width: points(item.width),
          height: points(item.height),
          rotate: degrees(0),
          ...(item.fill ? { color: colour(item.fill) } : {}),
          ...(item.stroke ? { borderColor: colour(item.stroke), borderWidth: points(item.lineWidth ?? 0.2) } : {}),
        })
        break
      case 'image':
        page.drawImage(embedded.images.get(item)!, {
          x: points(item.x),
          y: up(item.y + item.height),
          width: points(item.width),
          height: points(item.height),
        })
        break
      case 'path':
        drawPath(page, item, up(0))
    }
  }
}

function drawPath(page: PDFPage, item: PathItem, top: number): void {
  page.drawSvgPath(item.d, {
    x: 0,
    y: top,
    scale: pointsPerMillimetre,
    ...(item.fill ? { color: colour(item.fill) } : {}),
    // The scale applies to the pen as well, so its width stays in mm.
    ...(item.stroke ? { borderColor: colour(item.stroke), borderWidth: item.lineWidth ?? 0.2 } : {}),
  })
}

function textOperators(
  item: TextItem,
  { font, subset, name, up }: { font: PDFFont; subset: FontSubset; name: PDFName; up: (y: number) => number },
): PDFOperator[] {
  const [red, green, blue] = item.color ?? [0, 0, 0]
  const lines = layoutText(item, subset.advance).filter((line) => line.text !== '')
  return [
    pushGraphicsState(),
    beginText(),
    setFillingRgbColor(share(red), share(green), share(blue)),
    setFontAndSize(name, points(item.size)),
    ...(item.letterSpacing ? [setCharacterSpacing(points(item.letterSpacing))] : []),
    ...lines.flatMap((line) => [
      setTextMatrix(1, 0, 0, 1, points(line.x), up(line.y)),
      showText(font.encodeText(line.text)),
    ]),
    endText(),
    popGraphicsState(),
  ]
}

/** Millimetres to points, to a ten-thousandth: longer numbers only make the file longer. */
function points(millimetres: number): number {
  return Math.round(millimetres * pointsPerMillimetre * 10_000) / 10_000
}

function share(component: number): number {
  return Math.round((component / 255) * 10_000) / 10_000
}

function colour([red, green, blue]: Colour): ReturnType<typeof rgb> {
  return rgb(share(red), share(green), share(blue))
}

/** A file identifier that the description alone decides. Bytes count by their digest, for a font has millions of them. */
function identifierOf(description: DocumentDescription): PDFHexString {
  const digest = (bytes: Uint8Array): string => toHex(hash('sha256', bytes))
  const text = JSON.stringify({
    ...description,
    fonts: Object.entries(description.fonts).map(([name, bytes]) => [name, digest(bytes)]),
    pages: description.pages.map(({ items, ...page }) => ({
      ...page,
      items: items.map((item) => (item.kind === 'image' ? { ...item, data: digest(item.data) } : item)),
    })),
  })
  return PDFHexString.of(digest(utf8(text)).slice(0, 32))
}
