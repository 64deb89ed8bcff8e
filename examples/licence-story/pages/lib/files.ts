/** Checks a chosen file before it leaves the machine: name, first bytes, size. */
import { type SniffedType, sniffFileType } from '@zhicheng/formats'
import type { Material } from './contract.ts'
import { formatSize, plainName } from './text.ts'

interface FileKind {
  name: string
  mediaType: string
  extensions: readonly string[]
}

const kinds: Partial<Record<SniffedType, FileKind>> = {
  pdf: { name: 'PDF', mediaType: 'application/pdf', extensions: ['pdf'] },
  ofd: { name: 'OFD', mediaType: 'application/ofd', extensions: ['ofd'] },
  jpeg: { name: 'JPG', mediaType: 'image/jpeg', extensions: ['jpg', 'jpeg'] },
  png: { name: 'PNG', mediaType: 'image/png', extensions: ['png'] },
}

/** A file that may be sent. */
export interface CheckedFile {
  file: File
  /** What its first bytes are, whatever its name claims. */
  mediaType: string
  name: string
}

/** The file with its type, or what is wrong with it in words. */
export async function checkFile(file: File, material: Material): Promise<CheckedFile | string> {
  const name = plainName(file.name)
  if (file.size === 0) return `“${name}”是空文件，请重新选择`
  if (file.size > material.maxBytes)
    return `“${name}”有 ${formatSize(file.size)}，超过 ${formatSize(material.maxBytes)} 的上限`
  let head: Uint8Array
  try {
    head = new Uint8Array(await file.slice(0, 4096).arrayBuffer())
  } catch {
    return `“${name}”无法读取，请确认文件没有被移动或占用`
  }
  const kind = kinds[sniffFileType(head)]
  if (!kind || !material.mediaTypes.includes(kind.mediaType))
    return `“${name}”不是 ${kindNames(material).join('、')} 文件，请转换格式后再上传`
  const extension = name.split('.').pop()?.toLowerCase() ?? ''
  if (!kind.extensions.includes(extension)) return `“${name}”的内容是 ${kind.name}，与扩展名不一致，请改名后再上传`
  return { file, mediaType: kind.mediaType, name }
}

/** The kinds of file that a material takes, as people name them. */
export function kindNames({ mediaTypes }: Material): string[] {
  return mediaTypes.map((type) => Object.values(kinds).find(({ mediaType }) => mediaType === type)?.name ?? type)
}

/** The value of `accept` of the file input. */
export function acceptOf({ mediaTypes }: Material): string {
  const extensions = Object.values(kinds)
    .filter(({ mediaType }) => mediaTypes.includes(mediaType))
    .flatMap((kind) => kind.extensions.map((extension) => `.${extension}`))
  return [...mediaTypes, ...extensions].join(',')
}
