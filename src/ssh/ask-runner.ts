import type { connect } from 'node:net'
import { isExecutable } from '../own-files.ts'
import { quote } from '../text/shell-quotes.ts'

/** The first argument with which the executable is started to ask the runner. */
export const askWord = '--ask-runner'

/**
 * Hands the question of an ssh on to the runner, which listens at `path`, and prints the answer; without one the process
 * ends with 1. It knows only its arguments and `process`, because Node gets it as a text.
 */
export function askRunner(dial: typeof connect, path: string, question: string): void {
  const socket = dial(path)
  let answer = ''
  socket.on('error', () => {
    process.exitCode = 1
  })
  socket.on('data', (part) => {
    answer += part
  })
  socket.on('end', () => {
    if (answer) process.stdout.write(answer)
    else process.exitCode = 1
  })
  socket.end(JSON.stringify([process.env.FW_RUN_ASKING, question]))
}

/** The program, for sh, that ssh starts with its question. */
export function askpassProgram(path: string): string {
  const text = `(${askRunner})(require('node:net').connect, ...process.argv.slice(1))`
  const words = isExecutable ? [askWord, path] : ['-e', text, '--', path]
  return `#!/bin/sh\nunset NODE_OPTIONS; exec ${[process.execPath, ...words].map(quote).join(' ')} "$1"\n`
}
