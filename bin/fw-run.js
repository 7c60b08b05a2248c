#!/usr/bin/env node
// In words that Node 12 reads: an old Node must come as far as to say which Node fw-run needs.
const needed = '20.19'

const [major, minor] = process.versions.node.split('.').map(Number)
const [neededMajor, neededMinor] = needed.split('.').map(Number)

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  const found = `${process.versions.node} (${process.execPath})`
  process.stderr.write(
    `fw-run: fw-run needs Node ${needed} or newer, and this is Node ${found}.\n` +
      '  -> Install a newer Node: docs/install.md says how.\n',
  )
  process.exitCode = 1
} else {
  import('../dist/main.js')
    .then(({ main }) => main(process.argv.slice(2)))
    .then((exitCode) => {
      process.exitCode = exitCode
    })
}
