/** Makes an OFD document (GB/T 33190) of a document description: the same description gives the same bytes. */
import { formatDay, toHex } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { formatXml, writeZip, type XmlNode, xml } from '@zhicheng/formats'
import type { DocumentDescription, ImageItem, PageItem } from '../document/description.ts'
import { usedCharacters, validateDescription } from '../document/validate.ts'
import { ofdNamespace } from '../lib/ofd/amend.ts'
import { formatPage, type PageResources } from '../lib/ofd/page-xml.ts'
import { formatNumber } from '../lib/ofd/signature-xml.ts'
import { type FontSubset, subsetFont } from '../lib/subset.ts'

interface OfdFont {
  readonly id: number
  readonly file: string
  readonly subset: FontSubset
}

interface OfdImage {
  readonly id: number
  readonly file: string
  readonly data: Uint8Array
  readonly format: string
}

/**
 * Makes a document with embedded font subsets, text that can be searched, lines, shapes and pictures.
 *
 * Throws `ERR_SEAL_GLYPH_MISSING` with the characters a font lacks, `ERR_SEAL_FONT_UNREADABLE`,
 * `ERR_SEAL_DOCUMENT_INVALID`, and `ERR_OFD_PATH_DATA`.
 *
 * @example
 * ```ts
 * const ofd = await createOfd(licenceDocument({ content, font, createdAt: new Date(), sample: true }))
 * ```
 */
export async function createOfd(description: DocumentDescription): Promise<Uint8Array> {
  validateDescription(description)
  let lastId = 0
  const nextId = (): number => {
    lastId += 1
    return lastId
  }
  const fonts = await embedFonts(description, nextId)
  const { images, byItem } = collectImages(description, nextId)
  const pageIds = description.pages.map(nextId)
  const resources: PageResources = { fonts, images: byItem, nextId }
  const pages = description.pages.map((page) => formatPage(page, resources))
  const files: { name: string; content: Uint8Array; store?: boolean }[] = [
    { name: 'Doc_0/Document.xml', content: formatDocument(description, { pageIds, maxId: lastId }) },
    { name: 'Doc_0/PublicRes.xml', content: formatFonts([...fonts.values()]) },
    { name: 'Doc_0/DocumentRes.xml', content: formatImages(images) },
    ...pages.map((content, index) => ({ name: `Doc_0/Pages/Page_${index}/Content.xml`, content })),
    ...[...fonts.values()].map(({ file, subset }) => ({ name: `Doc_0/Res/${file}`, content: subset.bytes })),
    ...images.map(({ file, data }) => ({ name: `Doc_0/Res/${file}`, content: data, store: true })),
  ]
  const identifier = toHex(hash('sm3', ...files.map(({ content }) => hash('sm3', content)))).slice(0, 32)
  return writeZip([{ name: 'OFD.xml', content: formatEntry(description, identifier) }, ...files])
}

async function embedFonts(description: DocumentDescription, nextId: () => number): Promise<Map<string, OfdFont>> {
  const fonts = new Map<string, OfdFont>()
  for (const [name, characters] of usedCharacters(description)) {
    const subset = await subsetFont(name, description.fonts[name]!, characters)
    const id = nextId()
    // "OTTO" opens fonts with CFF outlines; readers choose their parser by the name.
    const extension = subset.bytes[0] === 0x4f ? 'otf' : 'ttf'
    fonts.set(name, { id, file: `font_${id}.${extension}`, subset })
  }
  return fonts
}

function collectImages(
  description: DocumentDescription,
  nextId: () => number,
): { images: OfdImage[]; byItem: Map<PageItem, number> } {
  const images: OfdImage[] = []
  const byItem = new Map<PageItem, number>()
  const known = new Map<string, number>()
  const items = description.pages.flatMap((page) => page.items)
  for (const item of items.filter((each): each is ImageItem => each.kind === 'image')) {
    const key = toHex(hash('sm3', item.data))
    let id = known.get(key)
    if (id === undefined) {
      id = nextId()
      known.set(key, id)
      const format = item.mediaType === 'image/png' ? 'PNG' : 'JPEG'
      images.push({ id, file: `image_${id}.${format === 'PNG' ? 'png' : 'jpg'}`, data: item.data, format })
    }
    byItem.set(item, id)
  }
  return { images, byItem }
}

function formatEntry({ title, author, subject, createdAt }: DocumentDescription, identifier: string): Uint8Array {
  const day = formatDay(createdAt)
  return part(
    'OFD',
    { Version: '1.0', DocType: 'OFD' },
    xml(
      'ofd:DocBody',
      null,
      xml(
        'ofd:DocInfo',
        null,
        xml('ofd:DocID', null, identifier),
        xml('ofd:Title', null, title),
        author === undefined ? undefined : xml('ofd:Author', null, author),
        subject === undefined ? undefined : xml('ofd:Subject', null, subject),
        xml('ofd:CreationDate', null, day),
        xml('ofd:ModDate', null, day),
        xml('ofd:Creator', null, 'Zhicheng'),
      ),
      xml('ofd:DocRoot', null, 'Doc_0/Document.xml'),
    ),
  )
}

function formatDocument(
  { pages }: DocumentDescription,
  { pageIds, maxId }: { pageIds: readonly number[]; maxId: number },
): Uint8Array {
  const { width, height } = pages[0]!
  return part(
    'Document',
    {},
    xml(
      'ofd:CommonData',
      null,
      xml('ofd:MaxUnitID', null, String(maxId)),
      xml('ofd:PageArea', null, xml('ofd:PhysicalBox', null, `0 0 ${formatNumber(width)} ${formatNumber(height)}`)),
      xml('ofd:PublicRes', null, 'PublicRes.xml'),
      xml('ofd:DocumentRes', null, 'DocumentRes.xml'),
    ),
    xml(
      'ofd:Pages',
      null,
      pageIds.map((id, index) => xml('ofd:Page', { ID: id, BaseLoc: `Pages/Page_${index}/Content.xml` })),
    ),
  )
}

function formatFonts(fonts: readonly OfdFont[]): Uint8Array {
  return part(
    'Res',
    { BaseLoc: 'Res' },
    fonts.length === 0
      ? undefined
      : xml(
          'ofd:Fonts',
          null,
          fonts.map(({ id, file, subset }) => {
            const family = subset.font.familyName ?? `Font ${id}`
            return xml('ofd:Font', { ID: id, FontName: family, FamilyName: family }, xml('ofd:FontFile', null, file))
          }),
        ),
  )
}

function formatImages(images: readonly OfdImage[]): Uint8Array {
  return part(
    'Res',
    { BaseLoc: 'Res' },
    images.length === 0
      ? undefined
      : xml(
          'ofd:MultiMedias',
          null,
          images.map(({ id, file, format }) =>
            xml('ofd:MultiMedia', { ID: id, Type: 'Image', Format: format }, xml('ofd:MediaFile', null, file)),
          ),
        ),
  )
}

function part(name: string, attributes: Record<string, string>, ...children: (XmlNode | undefined)[]): Uint8Array {
  return formatXml(xml(`ofd:${name}`, { 'xmlns:ofd': ofdNamespace, ...attributes }, ...children))
}
