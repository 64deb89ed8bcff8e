// Rehearses a release and uses it: packs and publishes every package to a registry on loopback, installs them into an
// empty project, and runs small programs there, as ES modules and by require(), on the Node of the tools and of the host.
//
//   node tools/consumers.mjs [--nodes 20.19.0,22.12.0]     further Node versions, fetched as packages
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const extraNodes = (process.argv[process.argv.indexOf('--nodes') + 1] ?? '')
  .split(',')
  .filter((version) => /^\d/.test(version))
const folder = mkdtempSync(join(tmpdir(), 'zhicheng-consumers-'))
let passed = 0
let failed = 0

const registry = spawn(process.execPath, [join(root, 'tools/registry.mjs')], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const origin = await new Promise((done, fail) => {
    registry.stdout.once('data', (line) => done(/http:\S+/.exec(String(line))[0]))
    registry.once('exit', () => fail(new Error('the registry did not start')))
  })
  const settings = join(folder, '.npmrc')
  writeFileSync(settings, `@zhicheng:registry=${origin}/\n${origin.slice(5)}/:_authToken=rehearsal\n`)
  const environment = { ...process.env, NPM_CONFIG_USERCONFIG: settings, NPM_CONFIG_PROVENANCE: 'false' }

  const names = publishAll(origin, environment)
  installAll(origin, environment, names)
  cpSync(join(root, 'tools/fixtures/consumers'), folder, { recursive: true })
  for (const name of ['vectors', 'run-vectors.mjs']) {
    cpSync(join(root, 'packages/crypto/test', name), join(folder, name), { recursive: true })
  }
  for (const { title, node } of nodes()) useOn(title, node)
  checkTypes()
} finally {
  registry.kill()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`consumers: ${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function publishAll(origin, env) {
  const names = []
  for (const manifest of globSync('packages/*/package.json', { cwd: root })) {
    const cwd = join(root, manifest, '..')
    const { name, private: unpublished } = JSON.parse(readFileSync(join(root, manifest), 'utf8'))
    if (unpublished) continue
    const { status, stderr, stdout } = spawnSync('pnpm', ['publish', '--no-git-checks', '--registry', `${origin}/`], {
      cwd,
      env,
      encoding: 'utf8',
    })
    check(`${name} can be published`, status === 0, stdout + stderr)
    names.push(name)
  }
  return names
}

function installAll(origin, env, names) {
  const versions = Object.fromEntries(names.map((name) => [name, '0.0.0']))
  // The command line has no scope, so its registry is named by its tarball.
  versions.zhicheng = `${origin}/zhicheng/-/zhicheng-0.0.0.tgz`
  const dependencies = {
    ...versions,
    typescript: '5.9.3',
    '@types/node': '24.19.2',
    ...Object.fromEntries(
      extraNodes.map((version) => [`node-${version}`, `npm:node-${process.platform}-${process.arch}@${version}`]),
    ),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  const options = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  const { status, stderr, stdout } = spawnSync('npm', options, { cwd: folder, env, encoding: 'utf8' })
  check('all packages install into an empty project', status === 0, stdout + stderr)
  const lit = globSync('node_modules/**/lit/package.json', { cwd: folder })
  check('lit is installed once', lit.length === 1, lit.join('\n'))
}

function nodes() {
  const host = process.env.ZHICHENG_HOST_NODE
  return [
    { title: process.version, node: process.execPath },
    ...(host && process.env.ZHICHENG_HOST_VERSION !== process.version
      ? [{ title: process.env.ZHICHENG_HOST_VERSION, node: host }]
      : []),
    ...extraNodes.map((version) => ({
      title: `v${version}`,
      node: join(folder, `node_modules/node-${version}/bin/node`),
    })),
  ]
}

function useOn(title, node) {
  for (const program of ['sign-and-verify.mjs', 'sign-and-verify.cjs', 'store.mjs', 'crypto-vectors.mjs']) {
    if (!existsSync(join(folder, program))) continue
    const { status, stdout, stderr } = spawnSync(node, [program], { cwd: folder, encoding: 'utf8' })
    check(`${program} on ${title}`, status === 0, stdout + stderr)
  }
  const { status, stdout } = spawnSync(node, ['node_modules/zhicheng/dist/cli.js', 'doctor', '--json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  check(`zhicheng doctor on ${title}`, status === 0 && JSON.parse(stdout).ok === true, stdout)
}

function checkTypes() {
  const settings = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: ['node'],
    skipLibCheck: false,
  }
  for (const [title, resolution] of [
    ['nodenext', { module: 'nodenext' }],
    ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ]) {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...settings, ...resolution }, files: ['types.ts'] }),
    )
    const { status, stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
      cwd: folder,
      encoding: 'utf8',
    })
    check(`types hold for ${title}`, status === 0, stdout.split('\n').slice(0, 20).join('\n'))
  }
}

function check(title, good, output) {
  if (good) passed += 1
  else failed += 1
  console.log(`  ${good ? 'ok  ' : 'FAIL'} ${title}${good ? '' : `\n${output}`}`)
}
