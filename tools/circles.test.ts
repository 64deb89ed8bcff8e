import { expect, test } from 'vitest'
import { findCircles } from './circles.ts'

const file = (path: string, ...targets: string[]): { path: string; text: string } => ({
  path: `packages/pay/src/${path}`,
  text: targets.map((target) => `import { x } from '${target}'`).join('\n'),
})
const paths = (...names: string[]): string[] => names.map((name) => `packages/pay/src/${name}`)

test('two files that import each other are a circle', () => {
  expect(findCircles([file('a.ts', './b.ts'), file('b.ts', './a.ts')])).toEqual([paths('a.ts', 'b.ts')])
})

test('a circle through a third file and another folder is found whole', () => {
  const files = [file('a.ts', './lib/b.ts'), file('lib/b.ts', './c.ts'), file('lib/c.ts', '../a.ts')]
  expect(findCircles(files)).toEqual([paths('a.ts', 'lib/b.ts', 'lib/c.ts')])
})

test.each([
  ['type import', "import type { A } from './a.ts'"],
  ['type among values', "import { b, type A } from './a.ts'"],
  ['re-export', "export * from './a.ts'"],
  ['lazy import', "const later = await import('./a.ts')"],
  ['import for its effects', "import './a.ts'"],
  ['import over several lines', "import {\n  type A,\n  b,\n} from './a.ts'"],
])('a %s closes a circle', (_, text) => {
  expect(findCircles([file('a.ts', './b.ts'), { path: 'packages/pay/src/b.ts', text }])).toHaveLength(1)
})

test('two circles are told apart, and files that only lead to them are left out', () => {
  const files = [
    file('z.ts', './y.ts'),
    file('y.ts', './z.ts'),
    file('entry.ts', './a.ts', './z.ts'),
    file('a.ts', './b.ts', './leaf.ts'),
    file('b.ts', './a.ts'),
    file('leaf.ts'),
  ]
  expect(findCircles(files)).toEqual([paths('a.ts', 'b.ts'), paths('y.ts', 'z.ts')])
})

test('a file that imports itself is a circle', () => {
  expect(findCircles([file('a.ts', './a.ts')])).toEqual([paths('a.ts')])
})

test('two ways down to the same file are no circle', () => {
  const files = [
    file('top.ts', './a.ts', './b.ts'),
    file('a.ts', './leaf.ts'),
    file('b.ts', './leaf.ts'),
    file('leaf.ts'),
  ]
  expect(findCircles(files)).toEqual([])
})

test('files of the same name in other folders, and other packages, are not mistaken for the imported one', () => {
  const files = [file('a.ts', './lib/a.ts'), file('lib/a.ts', '@zhicheng/pay', './b.ts'), file('b.ts', './a.ts')]
  expect(findCircles(files)).toEqual([])
})
