import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeWhole } from './store.ts'

const run = promisify(execFile)

/** Where the layer with a host key lies among the layers. */
export function hostKeyLayer(index: number, type: string): string {
  return `keys/${type}-${index}`
}

/** The public half of a host key, `TYPE BLOB`; makes its layer if need be. A host has the same key in every lab. */
export async function hostKey(layers: string, index: number, type: string): Promise<string> {
  const layer = join(layers, hostKeyLayer(index, type))
  const file = `etc/ssh/ssh_host_${type}_key`
  if (!existsSync(layer)) {
    await makeWhole(layer, (directory) => {
      mkdirSync(join(directory, 'etc/ssh'), { recursive: true, mode: 0o755 })
      return run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(directory, file)])
    })
  }
  return readFileSync(join(layer, `${file}.pub`), 'utf8').trim()
}
