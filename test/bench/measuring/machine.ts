import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** The machine and the versions, a line each. */
export function machineLines(): readonly string[] {
  const [system] = /(?<=PRETTY_NAME=")[^"]*/.exec(readFileSync('/etc/os-release', 'utf8')) ?? ['']
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return [
    `- ${cpus().length} cores (${cpus()[0]?.model}), ${gigabytes} GB, Linux ${release()}, ${system}`,
    `- Node ${process.versions.node}, ${firstLine('ssh', '-V')}, ${firstLine('iptables-legacy', '-V')}, ${firstLine('ipset', '-v')}`,
  ]
}

function firstLine(program: string, ...words: readonly string[]): string {
  // ssh prints its version to stderr.
  const said = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', program, ...words], {
    encoding: 'utf8',
  })
  return said.split('\n', 1)[0] ?? ''
}
