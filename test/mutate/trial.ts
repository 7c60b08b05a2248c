import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** How a run of tests came out. A run that takes too long is ended; what the compiler refuses is not run. */
export interface Trial {
  readonly kind: 'passed' | 'failed' | 'hung' | 'refused'
  readonly seconds: number
  /** The end of what the tests printed. */
  readonly said: string
}

/** Copies a checkout to a new temporary folder, with the packages linked, and gives back its path. */
export function copyCheckout(checkout: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'fw-run-mutate-'))
  for (const name of readdirSync(checkout)) {
    if (['.git', 'node_modules'].includes(name)) continue
    cpSync(join(checkout, name), join(copy, name), { recursive: true })
  }
  // One link for each package, so that what a test runner keeps there stays in the copy.
  const packages = join(checkout, 'node_modules')
  mkdirSync(join(copy, 'node_modules'))
  for (const name of readdirSync(packages)) {
    if (!name.startsWith('.vite'))
      symlinkSync(join(packages, name), join(copy, 'node_modules', name))
  }
  return copy
}

// A room is held by the tests of the same name; of these, others tell as much about it.
const alsoHolds: Readonly<Record<string, readonly string[]>> = {
  commands: ['cli'],
  facts: ['facts', 'preflight'],
  guard: ['guard', 'plan'],
  inventory: ['inventory', 'stages/changing/overtaken'],
  ip: ['ip', 'inventory', 'flow/walking', 'facts', 'ssh/host-keys'],
  ipset: ['ipset', 'plan'],
  iptables: ['iptables', 'plan'],
  journal: ['journal', 'runs', 'recovery', 'stages'],
  outcomes: ['outcomes', 'report', 'stages', 'recovery'],
  placement: ['placement', 'plan'],
  plan: ['plan', 'placement'],
  transaction: ['transaction', 'stages', 'recovery'],
}

/** The tests that hold a room, as paths relative to the checkout. */
export function testsOf(checkout: string, room: string): readonly string[] {
  const top = room.split('/')[0] ?? room
  return (alsoHolds[top] ?? [top])
    .flatMap((name) => [`test/${name}/`, `test/${name}.test.ts`])
    .filter((path) => existsSync(join(checkout, path)))
}

// A mutant may leave a process that never ends. Root ends them all with the first process of a
// namespace, which is a shell: others leave zombies, and tests wait for these to go.
const ending =
  process.platform === 'linux' && process.getuid?.() === 0
    ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', '"$@"; exit', 'sh']
    : []

/**
 * The tests that most likely notice a change of a file: those of its name, else those of its sub-room. Empty if there
 * are none.
 */
export function nearestTests(checkout: string, file: string): readonly string[] {
  const name = `${basename(file).replace(/\.(ts|sh)$/, '')}.test.ts`
  const folder = dirname(file).replace(/^src/, 'test')
  const room = folder.split('/').slice(0, 2).join('/')
  const subRoom = folder === room ? [] : [`${folder}/`]
  return [join(folder, name), join(room, name), ...subRoom]
    .filter((path) => existsSync(join(checkout, path)))
    .slice(0, 1)
}

/**
 * Tries a changed copy with the cheapest first: the nearest tests, then the compiler, then all tests of the room. The
 * first that notices the change ends the trial.
 */
export async function tryChange(
  copy: string,
  {
    nearest,
    tests,
    maxSeconds,
  }: { nearest: readonly string[]; tests: readonly string[]; maxSeconds: number },
): Promise<Trial> {
  if (nearest.length > 0) {
    const trial = await runTests(copy, nearest, maxSeconds)
    if (trial.kind !== 'passed') return trial
  }
  const said = complaintOfCompiler(copy)
  if (said !== '') return { kind: 'refused', seconds: 0, said }
  return await runTests(copy, tests, maxSeconds)
}

/** What the compiler says against a copy, or an empty text. */
function complaintOfCompiler(copy: string): string {
  const words = ['-p', '.', '--incremental', '--tsBuildInfoFile', '.tsbuildinfo']
  const { status, stdout } = spawnSync(join(copy, 'node_modules/.bin/tsc'), words, {
    cwd: copy,
    encoding: 'utf8',
  })
  return status === 0 ? '' : stdout || 'The compiler did not run.'
}

/** Runs tests in a copy, up to the first that fails, for at most so many seconds. */
export async function runTests(
  copy: string,
  tests: readonly string[],
  maxSeconds: number,
): Promise<Trial> {
  const start = performance.now()
  const words = [
    ...ending,
    join(copy, 'node_modules/.bin/vitest'),
    'run',
    '--bail',
    '1',
    '--silent=true',
    '--passWithNoTests',
    '--maxWorkers=2',
    ...tests,
  ]
  const child = spawn(words[0] ?? '', words.slice(1), {
    cwd: copy,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (chunk: Buffer): void => {
    said = (said + chunk).slice(-4000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  let hung = false
  const end = setTimeout(() => {
    hung = true
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  }, maxSeconds * 1000)
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearTimeout(end)
  const seconds = (performance.now() - start) / 1000
  return { kind: hung ? 'hung' : code === 0 ? 'passed' : 'failed', seconds, said }
}
