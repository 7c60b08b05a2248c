import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const module = fileURLToPath(new URL('../../src/main/early-end.ts', import.meta.url))

/** Runs a program that waits for what never comes, or that ends in time. */
function run(ends: string) {
  const script = `import { tellEarlyEnd } from '${module}'
    const endedInTime = tellEarlyEnd((text) => text.replace('recover', 'recover -i x'))
    ${ends}`
  const words = ['--import', 'tsx', '--input-type=module', '-e', script]
  return spawnSync(process.execPath, words, { encoding: 'utf8' })
}

it('ends with 1, and says so, where a run never comes to its end', () => {
  const early = run('new Promise(() => {}).then(endedInTime)')
  expect(early.stderr).toMatch(
    /this program ended before the run was finished.*\n.*`fw-run recover -i x`/,
  )
  expect(early.status).toBe(1)
})

it('says nothing where the run has ended, whatever its exit code', () => {
  expect(run('endedInTime()')).toMatchObject({ status: 0, stderr: '' })
  expect(run('process.exitCode = 2; endedInTime()')).toMatchObject({ status: 2, stderr: '' })
})
