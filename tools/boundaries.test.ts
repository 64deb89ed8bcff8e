import { expect, test } from 'vitest'
import { checkCircles, checkManifest, checkRepository, checkSource } from './boundaries.ts'

test('every import in the repository goes down, and none goes round', () => {
  const { files, problems } = checkRepository()
  expect(problems).toEqual([])
  expect(files).toBeGreaterThan(40)
})

test.each([
  ['a capability that imports its sibling', 'packages/pay/src/a.ts', "import { sign } from '@zhicheng/seal/pdf'"],
  ['a type of a sibling', 'packages/pay/src/a.ts', "import type { Case } from '@zhicheng/intake'"],
  ['a re-export of a sibling', 'packages/pay/src/a.ts', "export * from '@zhicheng/credit'"],
  ['a lazy import upwards', 'packages/core/src/a.ts', "const later = await import('@zhicheng/sdk')"],
  ['an import for its effects', 'packages/core/src/a.ts', "import '@zhicheng/elements/define'"],
  [
    'the platform that imports the elements',
    'packages/sandbox/src/a.ts',
    "import { ZcCashier } from '@zhicheng/elements'",
  ],
  ['a reach into private files', 'packages/sdk/src/a.ts', "import { x } from '@zhicheng/core/src/lib/x'"],
  ['a path into another package', 'packages/pay/src/a.ts', "import { x } from '../../store/src/index.ts'"],
  [
    'production code that uses the platform',
    'packages/pay/src/a.ts',
    "import { createSandbox } from '@zhicheng/sandbox'",
  ],
])('%s is found', (_, path, text) => {
  expect(checkSource({ path, text })).toHaveLength(1)
})

test('a test may run against the platform', () => {
  expect(
    checkSource({ path: 'packages/pay/src/a.test.ts', text: "import { createSandbox } from '@zhicheng/sandbox'" }),
  ).toEqual([])
})

test('a dependency on a sibling is found, development included', () => {
  expect(checkManifest({ name: '@zhicheng/pay', devDependencies: { '@zhicheng/seal': 'workspace:^' } })).toHaveLength(1)
  expect(checkManifest({ name: '@zhicheng/pay', dependencies: { '@zhicheng/store': 'workspace:^' } })).toEqual([])
})

test('a circle of files is found and its files are named, types included', () => {
  const files = [
    { path: 'packages/pay/src/order.ts', text: "import { wire } from './lib/wire.ts'" },
    { path: 'packages/pay/src/lib/wire.ts', text: "import type { Order } from '../order.ts'" },
  ]
  expect(checkCircles(files)).toEqual([
    expect.stringContaining('packages/pay/src/lib/wire.ts, packages/pay/src/order.ts import each other'),
  ])
})

test('a test and its helper may know each other', () => {
  const files = [
    { path: 'packages/pay/src/a.test.ts', text: "import { help } from './help.ts'" },
    { path: 'packages/pay/src/help.ts', text: "import type { Sample } from './a.test.ts'" },
  ]
  expect(checkCircles(files)).toEqual([])
})
