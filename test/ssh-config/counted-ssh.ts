import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Puts an `ssh` before the real one in PATH, which notes each call. `calls` gives their arguments. */
export function countSsh(): { calls(): readonly string[]; restore(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'fw-run-ssh-'))
  const log = join(directory, 'log')
  const path = process.env.PATH ?? ''
  writeFileSync(log, '')
  writeFileSync(
    join(directory, 'ssh'),
    `#!/bin/sh\necho "$*" >>${log}\nPATH=\${PATH#*:}\nexec ssh "$@"\n`,
  )
  chmodSync(join(directory, 'ssh'), 0o755)
  process.env.PATH = `${directory}:${path}`
  return {
    calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    restore: () => {
      process.env.PATH = path
    },
  }
}
