import { readFileSync } from 'node:fs'

/** The text of the agent, a POSIX sh program; it lies beside this file in the source tree and in the build. */
export function agentProgram(): string {
  program ??= readFileSync(new URL('./agent.sh', import.meta.url), 'utf8')
  return program
}

let program: string | undefined
