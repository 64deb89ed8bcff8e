/** Documents, pictures and keys for the tests, made by this project and written into a folder. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fromBase64 } from '@zhicheng/core'
import { createPdf, type DocumentDescription } from '@zhicheng/seal/document'
import { createOfd } from '@zhicheng/seal/ofd'
import { good } from './run.ts'

/** A picture of one pixel. */
export const pixel: Uint8Array = fromBase64(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
)

function description(): DocumentDescription {
  const require = createRequire(import.meta.url)
  const font = readFileSync(
    require.resolve('@fontsource/noto-serif-sc/files/noto-serif-sc-chinese-simplified-400-normal.woff2'),
  )
  return {
    title: '样例许可证',
    createdAt: new Date('2026-11-24T08:00:00+08:00'),
    fonts: { serif: new Uint8Array(font) },
    pages: [
      {
        width: 210,
        height: 297,
        items: [
          { kind: 'text', text: '食品经营许可证（样例）', x: 105, y: 60, size: 10, font: 'serif', align: 'center' },
        ],
      },
    ],
  }
}

/** Writes in.pdf, in.ofd and seal.png. */
export async function writeDocuments(folder: string): Promise<void> {
  const described = description()
  writeFileSync(join(folder, 'in.pdf'), await createPdf(described))
  writeFileSync(join(folder, 'in.ofd'), await createOfd(described))
  writeFileSync(join(folder, 'seal.png'), pixel)
}

/** The options that sign with the keys in a folder made by `keys create`. */
export function signedBy(keys: string): string[] {
  return ['--key', `${keys}/signer.key`, '--chain', `${keys}/signer.pem`]
}

/** The options that trust them. */
export function trusting(keys: string): string[] {
  return ['--trust', `${keys}/trust`, '--crl', `${keys}/ca.crl`]
}

/** Makes an electronic seal with the SM2 keys in a folder. */
export async function makeSeal(
  folder: string,
  { keys, output, ses = '4' }: { keys: string; output: string; ses?: string },
): Promise<void> {
  const maker = ['--maker-key', `${keys}/seal-maker.key`, '--maker-chain', `${keys}/seal-maker.pem`]
  const words = ['--image', 'seal.png', ...maker, '--signer-cert', `${keys}/signer.pem`, '-o', output, '--ses', ses]
  await good(folder, ['seal', 'make', ...words])
}
