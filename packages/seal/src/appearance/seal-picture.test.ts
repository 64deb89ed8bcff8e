import { inflateSync } from 'node:zlib'
import { PDFDocument } from 'pdf-lib'
import { expect, test } from 'vitest'
import type { SealAppearance } from './seal-appearance.ts'
import { sealPicture } from './seal-picture.ts'

const red = [206, 20, 28] as const

/** Dots of an unfiltered RGBA PNG. */
function decode(png: Uint8Array): { width: number; height: number; dot(x: number, y: number): number[] } {
  const view = new DataView(png.buffer, png.byteOffset)
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  const length = view.getUint32(33)
  const lines = inflateSync(png.subarray(41, 41 + length))
  return {
    width,
    height,
    dot: (x, y) => [...lines.subarray(y * (width * 4 + 1) + 1 + x * 4, y * (width * 4 + 1) + 5 + x * 4)],
  }
}

const outline = 'M2 2L8 2L8 8L2 8Z'
const square: SealAppearance = { width: 10, height: 10, items: [{ kind: 'path', d: outline, fill: red }] }

test('a path is filled inside, and what is outside stays transparent', async () => {
  const { width, height, dot } = decode(await sealPicture(square, { dotsPerMillimetre: 10 }))
  expect([width, height]).toEqual([100, 100])
  expect(dot(50, 50)).toEqual([...red, 255])
  expect(dot(5, 5)).toEqual([0, 0, 0, 0])
})

test('an edge between two dots covers each by half', async () => {
  const half: SealAppearance = { ...square, items: [{ kind: 'path', d: 'M2 2L8.05 2L8.05 8L2 8Z', fill: red }] }
  const { dot } = decode(await sealPicture(half, { dotsPerMillimetre: 10 }))
  expect(dot(79, 50)[3]).toBe(255)
  expect(dot(80, 50)[3]).toBe(128)
  expect(dot(81, 50)[3]).toBe(0)
})

test('a stroke covers its width on both sides of the line, joints included, and leaves the inside free', async () => {
  const ring: SealAppearance = { ...square, items: [{ kind: 'path', d: outline, stroke: red, lineWidth: 1 }] }
  const { dot } = decode(await sealPicture(ring, { dotsPerMillimetre: 10 }))
  expect(dot(20, 50)[3]).toBe(255)
  expect(dot(23, 50)[3]).toBe(255)
  expect(dot(20, 20)[3]).toBe(255)
  expect(dot(50, 50)[3]).toBe(0)
})

test('another reader of PNG takes the picture', async () => {
  const document = await PDFDocument.create()
  const image = await document.embedPng(await sealPicture(square))
  expect([image.width, image.height]).toEqual([120, 120])
})

test.each([
  ['too large', { ...square, width: 1e6 }],
  ['without a size', { ...square, width: 0 }],
  ['of a command that is not painted', { ...square, items: [{ kind: 'path', d: 'M0 0A1 1 0 0 0 2 2Z', fill: red }] }],
] as [string, SealAppearance][])('a seal %s is refused with a code', async (_, appearance) => {
  await expect(sealPicture(appearance)).rejects.toMatchObject({ code: 'ERR_SEAL_APPEARANCE' })
})
