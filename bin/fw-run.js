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
  const args = process.argv.slice(2)
  import('../dist/main.js')
    .then(({ load }) => load(args))
    .then((main) => main(args), damaged)
    .then((exitCode) => {
      process.exitCode = exitCode
    })
}

/** Tells of a file of dist that cannot be loaded. An error without a remedy is not ours: main.js itself is not there, or not whole. */
function damaged({ message, remedy }) {
  const told = remedy
    ? `${message}\n  -> ${remedy}`
    : `a file of fw-run itself cannot be loaded: ${message}. fw-run is being upgraded, or it is damaged.\n` +
      '  -> Wait until the upgrade has ended, or install fw-run again. Then run the command again.'
  process.stderr.write(`fw-run: ${told}\n`)
  return 1
}
