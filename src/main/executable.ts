import { connect } from 'node:net'
import { askRunner, askWord } from '../ssh/ask-runner.ts'
import { main } from './start.ts'

// What the single executable does when it starts, as bin/fw-run.js with Node; or for ssh, which asks for a password.
const [first, path = '', question = ''] = process.argv.slice(2)
if (first === askWord) {
  askRunner(connect, path, question)
} else {
  main(process.argv.slice(2)).then((exitCode) => {
    process.exitCode = exitCode
  })
}
