import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** A tmpfs: it holds the devices that overlayfs takes for deleted files, and it is empty when the machine starts. */
const STORE = '/dev/shm/fw-run-lab'

/** What layers.sh copies from the lab. */
const SOURCES = ['layers.sh', 'break-tool.sh', 'mend-tools.sh', 'el7', 'tools', 'writers']

/** What layers.sh reads of this machine: texts, the files that it must hide, and the tools that it copies. */
const TEXTS = ['/etc/passwd', '/etc/group']
const FILES = ['/etc/nologin', '/etc/debian_version']
const DIRECTORIES = ['/root', '/home', '/etc/sudoers.d', '/etc/ssh', '/etc/ssh/sshd_config.d']
const TOOLS = ['xtables-legacy-multi', 'ipset', 'ip', 'sudo']
const TOOL_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']

const DAY_MS = 86_400_000

/**
 * The directory of the layers that all labs of this machine share. It is built when its sources have changed, and
 * appears whole or not at all. Rejects with what layers.sh said.
 */
export async function sharedLayers(): Promise<string> {
  openStore()
  const layers = join(STORE, fingerprint())
  if (!existsSync(layers)) {
    removeUnused()
    await makeWhole(layers, (directory) =>
      run('sh', [join(HERE, 'layers.sh'), HERE, directory, layers]),
    )
  }
  utimesSync(layers, new Date(), new Date())
  return layers
}

/** The public half of a host key, `TYPE BLOB`; the key itself is a layer under `keys`. A host has the same in every lab. */
export async function hostKey(layers: string, index: number, type: string): Promise<string> {
  const layer = join(layers, 'keys', `${type}-${index}`)
  const file = `etc/ssh/ssh_host_${type}_key`
  if (!existsSync(layer)) {
    await makeWhole(layer, (directory) => {
      mkdirSync(join(directory, 'etc/ssh'), { recursive: true, mode: 0o755 })
      return run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(directory, file)])
    })
  }
  return readFileSync(join(layer, `${file}.pub`), 'utf8').trim()
}

/** Other users may write to /dev/shm, and hosts run as root what lies in here. */
function openStore(): void {
  mkdirSync(STORE, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(STORE)
  if (uid !== 0 || (mode & 0o170_077) !== 0o040_000) {
    throw new Error(
      `${STORE} must be a directory that only root can open. Remove it and try again.`,
    )
  }
}

function fingerprint(): string {
  const hash = createHash('sha256')
  const add = (...words: readonly unknown[]): void => void hash.update(`${JSON.stringify(words)}\n`)
  for (const path of SOURCES.flatMap((name) => filesOf(join(HERE, name)))) {
    add(path.slice(HERE.length), readFileSync(path, 'utf8'))
  }
  for (const path of TEXTS) add(path, readFileSync(path, 'utf8'))
  for (const path of FILES) add(path, existsSync(path))
  for (const path of DIRECTORIES) add(path, namesIn(path))
  for (const path of TOOL_DIRECTORIES) {
    add(
      path,
      namesIn(path).filter((name) => /tables|^nft$/.test(name)),
    )
    for (const tool of TOOLS.map((name) => join(path, name)).filter(existsSync)) {
      const { size, mtimeMs } = statSync(tool)
      add(realpathSync(tool), size, mtimeMs)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(path: string): readonly string[] {
  return statSync(path).isDirectory() ? namesIn(path).map((name) => join(path, name)) : [path]
}

function namesIn(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : []
}

/** Of several that make the same thing at the same time, the first one's counts. */
async function makeWhole(
  target: string,
  make: (directory: string) => Promise<unknown>,
): Promise<void> {
  const directory = mkdtempSync(join(STORE, 'building-'))
  try {
    await make(directory)
    mkdirSync(join(target, '..'), { recursive: true })
    renameSync(directory, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** A lab needs its layers as long as it lives, and no lab lives for a day. */
function removeUnused(): void {
  for (const path of namesIn(STORE).map((name) => join(STORE, name))) {
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (Date.now() - usedAt > DAY_MS) rmSync(path, { recursive: true, force: true })
  }
}
