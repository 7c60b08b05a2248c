import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { optimiseLate } from '../../src/main/optimise-late.ts'

const file = fileURLToPath(new URL('../../src/main/optimise-late.ts', import.meta.url))

const script = `import { optimiseLate } from ${JSON.stringify(file)}; optimiseLate()()`

describe('optimiseLate', () => {
  it('asks this Node for nothing that it does not know: each run would begin with a complaint', () => {
    const words = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 })
  })

  it('leaves V8 as it was: the build would else write compiled code that no run takes', () => {
    const source = '(function () { return 1 })'
    const asUsual = optimiseLate()
    asUsual()
    const cachedData = new Script(source, { filename: 'one' }).createCachedData()
    const words = ['-e', `${taken}(${JSON.stringify([source, cachedData.toString('base64')])})`]
    const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    expect(stdout).toBe('taken')
  })
})

/** Whether a fresh process takes what this one compiled. */
const taken = `((given) => {
  const [source, compiled] = given
  const cachedData = Buffer.from(compiled, 'base64')
  const { cachedDataRejected } = new (require('node:vm').Script)(source, { filename: 'one', cachedData })
  process.stdout.write(cachedDataRejected ? 'refused' : 'taken')
})`
