import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { measureWorkers } from './workers.ts'

// npm test: lint beside the tests, because neither needs what the other does. The tests have the last word, so that
// their summary ends the output; what lint finds stops them.
// Measured before the lint keeps the machine busy.
process.env.TEST_WORKERS ??= String(measureWorkers())

const tests = spawn('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit' })
const lint = spawn('npm', ['run', '--silent', 'lint'], { stdio: ['ignore', 'pipe', 'inherit'] })
const found = text(lint.stdout)
lint.once('close', async (code) => {
  if (code === 0) return
  tests.kill()
  process.stdout.write(`${await found}\nnpm run lint failed: the tests were stopped.\n`)
  process.exitCode = 1
})
tests.once('close', (code) => {
  process.exitCode ||= code ?? 1
})
