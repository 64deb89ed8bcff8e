/** What the OFD tests share: SM2 keys, a seal, a document, and a way to forge one. */
import { join } from 'node:path'
import { fromBase64, utf8 } from '@zhicheng/core'
import type { Signer } from '@zhicheng/crypto'
import { openZip, writeZip } from '@zhicheng/formats'
import type { DocumentDescription } from '../src/document.ts'
import { createEsSeal, createOfd, type EsSealInput, type SignOfdInput, signOfd } from '../src/ofd.ts'
import { chineseFont, createKeys, now, type TestKeys } from './support.ts'

type KeySigner = Signer & { readonly privateKeyPem: string }

/** Keys for sealing: a signer that the seal lists, and the maker of the seal. */
export interface OfdKeys extends TestKeys {
  readonly maker: KeySigner
  readonly seal: Uint8Array
}

/** A picture of one pixel. */
export const pixel: Uint8Array = fromBase64(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
)

/** Where the tests put seals. */
export const stamp = { page: 1, x: 140, y: 220, width: 42, height: 42 }

/** Makes an SM2 authority, signer, maker and seal. */
export async function createOfdKeys(): Promise<OfdKeys> {
  const keys = await createKeys('sm2')
  const maker = await keys.authority.createSigner({ commonName: '样例制章人', profile: 'seal-making' })
  const seal = await createEsSeal(sealInput(keys.signer, maker))
  return { ...keys, maker, seal }
}

/** Input for a seal of these two, with changes. */
export function sealInput(signer: Signer, maker: Signer, changes: Partial<EsSealInput> = {}): EsSealInput {
  return {
    name: '样例市政务服务中心 测试专用',
    picture: { type: 'png', data: pixel, width: 42, height: 42 },
    certificates: [signer.certificateChain[0]],
    maker,
    createdAt: now,
    validFrom: now,
    validUntil: new Date(now.getTime() + 300 * 86_400_000),
    ...changes,
  }
}

/** A document of two pages with everything a description can hold. */
export function sampleDescription(): DocumentDescription {
  return {
    title: '样例许可证',
    author: '样例机关',
    createdAt: now,
    fonts: { serif: chineseFont() },
    pages: [
      {
        width: 210,
        height: 297,
        items: [
          { kind: 'rectangle', x: 10, y: 10, width: 190, height: 277, stroke: [176, 136, 72], fill: [253, 251, 245] },
          { kind: 'text', text: '食品经营许可证', x: 105, y: 60, size: 10, font: 'serif', align: 'center' },
          { kind: 'line', x1: 20, y1: 70, x2: 190, y2: 70, width: 0.3 },
          { kind: 'image', x: 20, y: 80, width: 30, height: 20, data: pixel, mediaType: 'image/png' },
          { kind: 'path', d: 'm20 120h10v10h-10z', fill: [10, 20, 30] },
        ],
      },
      {
        width: 297,
        height: 210,
        items: [{ kind: 'text', text: '附页', x: 20, y: 20, size: 5, font: 'serif', letterSpacing: 1 }],
      },
    ],
  }
}

let document: Promise<Uint8Array> | undefined

/** The document of {@link sampleDescription}, made once. */
export function sampleOfd(): Promise<Uint8Array> {
  document ??= createOfd(sampleDescription())
  return document
}

/** The sample document under a seal. */
export async function sealedOfd(keys: OfdKeys, changes: Partial<SignOfdInput> = {}): Promise<Uint8Array> {
  const { signer, seal, clock } = keys
  return signOfd(await sampleOfd(), { signer, seal, stamps: [stamp], clock, ...changes })
}

/** All files of a document. */
export async function filesOf(ofd: Uint8Array): Promise<Map<string, Uint8Array>> {
  const archive = await openZip(ofd)
  const files = new Map<string, Uint8Array>()
  for (const entry of archive.entries) files.set(entry.name, await archive.read(entry))
  return files
}

/** The document with some files changed, added, or (undefined) removed. A text is changed by a function. */
export async function forge(
  ofd: Uint8Array,
  changes: Readonly<Record<string, Uint8Array | string | undefined | ((text: string) => string)>>,
): Promise<Uint8Array> {
  const files = await filesOf(ofd)
  for (const [name, change] of Object.entries(changes)) {
    if (change === undefined) files.delete(name)
    else if (typeof change === 'function') {
      const before = new TextDecoder().decode(files.get(name))
      const after = change(before)
      if (after === before) throw new Error(`The forgery of ${name} changes nothing.`)
      files.set(name, utf8(after))
    } else files.set(name, typeof change === 'string' ? utf8(change) : change)
  }
  return writeZip([...files].map(([name, content]) => ({ name, content })))
}

/** Folder of the OFD material, or undefined; on a build server it has to be there. */
export function ofdMaterial(): string | undefined {
  const root = process.env['ZHICHENG_MATERIAL']
  if (!root && process.env['CI'] === 'true') throw new Error('ZHICHENG_MATERIAL is not set, and CI wants the material.')
  return root ? join(root, 'seal-ofd') : undefined
}
