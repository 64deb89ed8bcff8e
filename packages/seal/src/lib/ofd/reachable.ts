/** Walks a document from OFD.xml over every location that a reader follows, to know which files make up what is shown. */
import type { Finding } from '@zhicheng/core'
import { isZhichengError } from '@zhicheng/core'
import { attribute, childElements, textOf, type XmlElement } from '@zhicheng/formats'
import { entryFile, namespaceOf, type OfdPackage, resolveLocation } from './package.ts'

/** What the walk found. */
export interface Reachability {
  /** Files that are reached, OFD.xml included; `template` for those that only templates lead to. */
  readonly files: ReadonlyMap<string, 'content' | 'template'>
  readonly findings: readonly Finding[]
}

/** Elements whose text is a location (GB/T 33190: ST_Loc), wherever they stand. */
const locationElements: ReadonlySet<string> = new Set([
  'DocRoot',
  'PublicRes',
  'DocumentRes',
  'PageRes',
  'Annotations',
  'CustomTags',
  'Attachments',
  'Extensions',
  'FileLoc',
  'MediaFile',
  'FontFile',
  'SchemaLoc',
  'Cover',
  'ExtendData',
  'File',
])

/** Elements whose `BaseLoc` names a file; of a `Res` it names the folder of its media. */
const baseElements: ReadonlySet<string> = new Set(['Page', 'TemplatePage', 'Version'])
const maxFindings = 50

interface Found {
  location: string
  /** Folder in the file's own terms that the location starts from. */
  base?: string
  template: boolean
}

/** Walks the whole document. Never throws for what its files contain. */
export async function walkDocument(ofd: OfdPackage): Promise<Reachability> {
  const files = new Map<string, 'content' | 'template'>([[entryFile, 'content']])
  const findings: Finding[] = []
  const add = (code: string, message: string): void => {
    if (findings.length < maxFindings) findings.push({ code, severity: 'warning', message })
  }
  const older: string[] = []
  const queue: string[] = [entryFile]
  for (let holder = queue.pop(); holder !== undefined; holder = queue.pop()) {
    const root = await readIfXml(ofd, holder, add)
    if (!root) continue
    const namespace = namespaceOf(root)
    if (namespace === 'foreign') continue
    if (namespace === 'unknown') add('OFD_NAMESPACE_UNKNOWN', `${holder} uses a namespace that is not that of OFD.`)
    if (namespace === 'older') older.push(holder)
    const inTemplate = files.get(holder) === 'template'
    for (const found of locationsIn(root, holder)) {
      const name = follow(ofd, { holder, found, add })
      if (name === undefined) continue
      const kind = found.template || inTemplate ? 'template' : 'content'
      // Reached as content after all: what it leads to has to be looked at again.
      if (files.get(name) === 'content' || files.get(name) === kind) continue
      files.set(name, kind)
      queue.push(name)
    }
  }
  if (older.length > 0) {
    const message = `${older.length} files, ${older[0]} among them, use the namespace http://www.ofdspec.org.`
    add('OFD_NAMESPACE', message)
  }
  return { files, findings }
}

async function readIfXml(
  ofd: OfdPackage,
  name: string,
  add: (code: string, message: string) => void,
): Promise<XmlElement | undefined> {
  if (!/\.xml$/i.test(name)) return undefined
  try {
    return await ofd.readXml(name)
  } catch (error) {
    if (!isZhichengError(error) || error.code !== 'ERR_OFD_MALFORMED') throw error
    add('OFD_XML_UNREADABLE', error.message)
    return undefined
  }
}

function locationsIn(root: XmlElement, holder: string): Found[] {
  const found: Found[] = []
  const base = root.localName === 'Res' ? attribute(root, 'BaseLoc') : undefined
  const stack = [root]
  for (let element = stack.pop(); element !== undefined; element = stack.pop()) {
    const children = childElements(element)
    // Signatures lead to parts that are judged on their own.
    if (holder === entryFile && element.localName === 'Signatures') continue
    const template = element.localName === 'TemplatePage'
    if (baseElements.has(element.localName)) {
      const location = attribute(element, 'BaseLoc')
      if (location !== undefined) found.push({ location, template })
    }
    if (children.length === 0 && locationElements.has(element.localName)) {
      const location = textOf(element).trim()
      if (location !== '') found.push({ location, template, ...(base === undefined ? {} : { base }) })
    }
    stack.push(...children)
  }
  return found
}

function follow(
  ofd: OfdPackage,
  { holder, found, add }: { holder: string; found: Found; add: (code: string, message: string) => void },
): string | undefined {
  const { location, base } = found
  const folder = base === undefined || location.startsWith('/') ? undefined : resolveLocation(holder, base)
  const targets = [
    folder === undefined ? undefined : resolveLocation(`${folder}/.`, location),
    resolveLocation(holder, location),
  ]
  for (const target of targets) {
    const hit = target === undefined ? undefined : ofd.find(target)
    if (!hit) continue
    if (hit.forgiven) add('OFD_LOCATION_CASE', `${holder} names ${target}; the file is called ${hit.name}.`)
    return hit.name
  }
  add('OFD_LOCATION_DANGLING', `${holder} names a file that is not there: ${location.slice(0, 120)}.`)
  return undefined
}
