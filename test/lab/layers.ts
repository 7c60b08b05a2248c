import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeWhole, openStore, removeUnused } from './store.ts'

const run = promisify(execFile)

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** What layers.sh copies from the lab. */
const SOURCES = ['layers.sh', 'break-tool.sh', 'mend-tools.sh', 'el7', 'tools', 'writers']

/** What layers.sh reads of this machine: texts, the files that it must hide, and the tools that it copies. */
const TEXTS = ['/etc/passwd', '/etc/group']
const FILES = ['/etc/nologin', '/etc/debian_version']
const DIRECTORIES = ['/root', '/home', '/etc/sudoers.d', '/etc/ssh', '/etc/ssh/sshd_config.d']
const TOOLS = ['xtables-legacy-multi', 'ipset', 'ip', 'sudo']
const TOOL_DIRECTORIES = ['/usr/sbin', '/usr/bin']

/**
 * The directory of the layers that all labs of this machine share. It is built when its sources have changed, and
 * appears whole or not at all. Rejects with what layers.sh said.
 */
export async function sharedLayers(): Promise<string> {
  const layers = join(openStore(), fingerprint())
  if (!existsSync(layers)) {
    removeUnused()
    await makeWhole(layers, (directory) =>
      run('sh', [join(HERE, 'layers.sh'), HERE, directory, layers]),
    )
  }
  utimesSync(layers, new Date(), new Date())
  return layers
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
