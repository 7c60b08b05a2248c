import { connect } from 'node:net'
import { askRunner, askWord } from '../ssh/ask-runner.ts'
import { load } from './start.ts'

// What the single executable does when it starts, as bin/fw-run.js with Node; or for ssh, which asks for a password.
const args = process.argv.slice(2)
const [first, path = '', question = ''] = args
if (first === askWord) {
  askRunner(connect, path, question)
} else {
  load(args)(args).then((exitCode) => {
    process.exitCode = exitCode
  })
}
