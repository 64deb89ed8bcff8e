import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const files = globSync('.changeset/*.md', { cwd: root }).filter((file) => !file.endsWith('README.md'))
const names = new Set(
  globSync('packages/*/package.json', { cwd: root }).map(
    (file) => (JSON.parse(readFileSync(join(root, file), 'utf8')) as { name: string }).name,
  ),
)

/** Why the release tool would not understand a changeset, or `undefined`. */
function fault(text: string): string | undefined {
  const [, head, body = ''] = /^---\n((?:"[^"\n]+": (?:major|minor|patch)\n)+)---\n\n([\s\S]*)$/.exec(text) ?? []
  if (head === undefined) return 'it does not begin with its packages between two lines of dashes'
  const unknown = [...head.matchAll(/"([^"]+)"/g)].map(([, name]) => name!).find((name) => !names.has(name))
  if (unknown) return `it names ${unknown}, which is no package`
  return body.trim() === '' ? 'it says nothing' : undefined
}

describe('every changeset', () => {
  it.each(files)('%s is understood by the release tool', (file) => {
    expect(fault(readFileSync(join(root, file), 'utf8'))).toBeUndefined()
  })

  it('that a formatter took apart would be noticed', () => {
    expect(fault('---\n\n## "@zhicheng/core": minor\n\nText.\n')).toContain('dashes')
    expect(fault('---\n"@zhicheng/none": minor\n---\n\nText.\n')).toContain('@zhicheng/none')
    expect(fault('---\n"@zhicheng/core": minor\n---\n\n\n')).toContain('nothing')
  })
})
