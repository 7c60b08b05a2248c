import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { describe, expect, it } from 'vitest'

const file = fileURLToPath(new URL('../../bin/fw-run.js', import.meta.url))
const { engines } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { engines: { node: string } }
const needed = engines.node.replace('>=', '')

/** Starts bin/fw-run.js in a Node that says it is of this version. */
function startOn(node: string) {
  const lie = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`
  const args = ['--import', `data:text/javascript,${lie}`, file, '--version']
  return spawnSync(process.execPath, args, { encoding: 'utf8' })
}

describe('bin/fw-run.js', () => {
  it('has nothing that Node 12 cannot read', async () => {
    const source = readFileSync(file, 'utf8')
    const inWords = async (target: string): Promise<string> =>
      (await transform(source, { target })).code
    expect(await inWords('node12.20')).toBe(await inWords('esnext'))
    expect(source).not.toMatch(/^import /m)
  })

  it.each(['12.22.12', '20.18.3'])('says on Node %s which Node it needs', (node) => {
    const { status, stdout, stderr } = startOn(node)
    expect(stderr).toBe(
      `fw-run: fw-run needs Node ${needed} or newer, and this is Node ${node} (${process.execPath}).\n` +
        '  -> Install a newer Node: docs/install.md says how.\n',
    )
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  it.each([`${needed}.0`, '21.0.0'])('goes on with Node %s', (node) => {
    expect(startOn(node).stderr).not.toContain('needs Node')
  })

  it.each([
    ['main.js', 'is missing', rmSync],
    ['main.js', 'is empty', truncateSync],
    ['fw-run.cjs', 'is missing', rmSync],
    ['fw-run.cjs', 'is not whole', (path: string) => truncateSync(path, 1000)],
  ])('says so, without a stack trace, if %s %s', (name, _, damage) => {
    const folder = mkdtempSync(join(tmpdir(), 'fw-run-bin-'))
    try {
      for (const part of ['bin', 'dist', 'package.json'])
        cpSync(new URL(`../../${part}`, import.meta.url), join(folder, part), { recursive: true })
      damage(join(folder, 'dist', name))
      const args = [join(folder, 'bin/fw-run.js'), 'status', '-i', 'none']
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      expect(stderr).toMatch(
        /^fw-run: a file of fw-run itself cannot be (read|loaded): .*\. fw-run is being upgraded, or it is damaged\.\n {2}-> Wait until .*\n$/,
      )
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
