import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from './command.ts'
import { commandMessages } from './messages.zh-CN.ts'
import { refused, run, temporaryFolder } from './test-support/run.ts'

const verbs = [
  'sandbox',
  'keys create',
  'seal make',
  'seal sign',
  'seal verify',
  'cert verify',
  'archive pack',
  'archive check',
  'credit decide',
  'codes check',
  'doctor',
]
const withJson = [
  'keys create',
  'seal verify',
  'cert verify',
  'archive check',
  'credit decide',
  'codes check',
  'doctor',
]

let folder: ReturnType<typeof temporaryFolder>
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => folder.remove())

describe('help', () => {
  test('the overview names every verb once and ends with status 0', async () => {
    const { status, out, err } = await run(folder.path, ['--help'])
    expect({ status, err }).toEqual({ status: 0, err: '' })
    const named = [...out.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}\S/gm)].map((match) => match[1])
    expect(named).toEqual(verbs)
  })

  test('no verb at all shows the overview on stderr and ends with status 2', async () => {
    const { status, out, err } = await run(folder.path, [])
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain('seal verify')
  })

  test('a group of verbs shows its own', async () => {
    const { status, out } = await run(folder.path, ['seal', '--help'])
    expect(status).toBe(0)
    expect(out).toContain('seal make')
    expect(out).not.toContain('archive pack')
  })

  test.each(verbs)('%s explains every option it takes, and none that it does not', async (name) => {
    const { status, out } = await run(folder.path, [...name.split(' '), '--help'])
    expect(status).toBe(0)
    expect(out).toContain(`zhicheng ${name}`)
    const { verb } = (await import(`./verbs/${name.replace(' ', '-')}.ts`)) as {
      verb: { options: Record<string, { short?: string }> }
    }
    const taken = Object.entries(verb.options).map(([long, { short }]) => (short ? `-${short}` : `--${long}`))
    const explained = [...out.matchAll(/(?<![\w-])--?[a-z][a-z0-9-]*/g)].map(([word]) => word)
    expect(explained).toEqual(expect.arrayContaining(taken))
    expect([...taken, '--help', '--json']).toEqual(expect.arrayContaining([...new Set(explained)]))
  })

  test('what is not real is not in the help', async () => {
    const all = await Promise.all(verbs.map((name) => run(folder.path, [...name.split(' '), '--help'])))
    for (const { out } of all) expect(out).not.toMatch(/B-LT|--online|--password-file|csip|deposit|reconcile/)
    const [seal] = all.filter((_outcome, index) => verbs[index] === 'seal verify')
    expect(seal!.out).not.toContain('--ocsp')
  })

  test.each(withJson)('%s --help --json prints a JSON schema of an object', async (name) => {
    const { status, out } = await run(folder.path, [...name.split(' '), '--help', '--json'])
    expect(status).toBe(0)
    const schema = JSON.parse(out) as { type: string; properties: Record<string, unknown>; required: string[] }
    expect(schema.type).toBe('object')
    expect(schema.required.length).toBeGreaterThan(0)
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(schema.required))
  })

  test('a verb without JSON says so', async () => {
    const { status, out } = await run(folder.path, ['seal', 'sign', '--help', '--json'])
    expect(status).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'ERR_COMMAND_ARGUMENTS' } })
  })

  test('the version is that of the package', async () => {
    expect(await run(folder.path, ['--version'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
  })
})

describe('words that make no sense', () => {
  test.each([
    [['fly'], 'ERR_COMMAND_UNKNOWN_VERB'],
    [['seal'], 'ERR_COMMAND_UNKNOWN_VERB'],
    [['seal', 'fly'], 'ERR_COMMAND_UNKNOWN_VERB'],
    [['constructor'], 'ERR_COMMAND_UNKNOWN_VERB'],
    [['__proto__', 'x'], 'ERR_COMMAND_UNKNOWN_VERB'],
    [['seal', 'verify'], 'ERR_COMMAND_ARGUMENTS'],
    [['seal', 'verify', 'a.pdf', 'b.pdf'], 'ERR_COMMAND_ARGUMENTS'],
    [['seal', 'verify', 'a.pdf', '--online'], 'ERR_COMMAND_ARGUMENTS'],
    [['seal', 'verify', 'a.pdf', '--trust'], 'ERR_COMMAND_ARGUMENTS'],
    [['seal', 'verify', 'a.pdf', '--at', 'yesterday'], 'ERR_COMMAND_ARGUMENTS'],
    [['seal', 'verify', 'a.pdf', '--at', '2026-02-30'], 'ERR_COMMAND_ARGUMENTS'],
    [['seal', 'verify', 'a.pdf', '--at', '2026-11-24T08:00:00'], 'ERR_COMMAND_ARGUMENTS'],
    [['seal', 'sign', 'a.pdf'], 'ERR_COMMAND_ARGUMENTS'],
    [['keys', 'create'], 'ERR_COMMAND_ARGUMENTS'],
    [['keys', 'create', '--out', 'k', '--alg', 'dsa'], 'ERR_COMMAND_ARGUMENTS'],
    [['keys', 'create', 'k'], 'ERR_COMMAND_ARGUMENTS'],
    [['codes', 'check'], 'ERR_COMMAND_ARGUMENTS'],
    [['doctor', 'who'], 'ERR_COMMAND_ARGUMENTS'],
    [['sandbox', '--port', '70000'], 'ERR_COMMAND_ARGUMENTS'],
    [['sandbox', '--port', '1e3'], 'ERR_COMMAND_ARGUMENTS'],
    [['sandbox', '--department', 'http://127.0.0.1:4700/app'], 'ERR_COMMAND_ARGUMENTS'],
    [['archive', 'pack', '.', '-o', 'x', '--format', 'tar'], 'ERR_COMMAND_ARGUMENTS'],
    [['archive', 'check', 'x', '--stage', 'never'], 'ERR_COMMAND_ARGUMENTS'],
  ] as const)('%j is refused with %s in one line', async (words, code) => {
    await refused(folder.path, words, code)
  })

  test('with --json the refusal is the one document on stdout', async () => {
    const { status, out, err } = await run(folder.path, ['seal', 'verify', '--json'])
    expect(status).toBe(2)
    const { error } = JSON.parse(out) as { error: { code: string; message: string } }
    expect(Object.keys(error)).toEqual(['code', 'message'])
    expect(error.code).toBe('ERR_COMMAND_ARGUMENTS')
    expect(err).toContain(error.message)
  })
})

test('an error without a code is said to be ours, with its stack on stderr and status 2', async () => {
  const out: string[] = []
  const err: string[] = []
  let broken = true
  const status = await runCommand(['codes', 'check', '91330110MA2AXY0E7F', '--json'], {
    folder: folder.path,
    print(text) {
      if (broken) {
        broken = false
        throw new TypeError('the paper is jammed')
      }
      out.push(text)
    },
    note: (text) => err.push(text),
    stop: new AbortController().signal,
  })
  expect(status).toBe(2)
  expect(JSON.parse(out.join(''))).toMatchObject({ error: { code: 'ERR_COMMAND_INTERNAL' } })
  expect(err.join('\n')).toMatch(/the paper is jammed\n\s+at /)
})

test('every code of the command line has a Chinese text', () => {
  for (const text of Object.values(commandMessages)) expect(text).toMatch(/^[\u4e00-\u9fff].*。$/)
})
