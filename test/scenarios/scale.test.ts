import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { readOutput } from '../report/contract.ts'
import { rounds } from '../rounds.ts'
import { articleGuard, executable, fwRun, guards } from './fw-run.ts'

const count = rounds(20, 50)

describe('apply on many hosts', () => {
  let lab: Lab
  let stdout: string
  let megabytes: number

  beforeAll(async () => {
    lab = await startLab({ hosts: count, each: { login: 'sudo' } })
    const inventory = await lab.file('inventory.yaml', lab.inventoryYaml())
    const atExit =
      'process.on("exit",()=>process.stderr.write("kB:"+process.resourceUsage().maxRSS))'
    // A slow machine needs longer than a fifth of the usual lease, and renews it by a request more.
    const run = await lab.jump.run(
      `node --import 'data:text/javascript,${atExit}' ${executable} apply --lease 600 --output json -i ${inventory}`,
    )
    stdout = run.stdout
    megabytes = Number(/kB:(\d+)/.exec(run.stderr)?.[1]) / 1024
  })
  afterAll(() => lab.stop())

  it('protects all of them', async () => {
    expect(readOutput(stdout, 'json')).toMatchObject([{ outcome: 'done' }])
    for (const host of [lab.host('node1'), lab.host(`node${count}`)]) {
      expect(await guards(lab, host.name)).toEqual([articleGuard])
    }
  })

  it('logs in and calls sudo once on each, and opens one more connection to see that it answers', async () => {
    for (const host of lab.hosts) {
      expect([host.name, await host.sshConnections(), await host.sudoCalls()]).toEqual([
        host.name,
        2,
        1,
      ])
    }
  })

  it('needs three requests for each', () => {
    const { hosts } = JSON.parse(stdout) as { hosts: { requests: number }[] }
    expect(hosts.map(({ requests }) => requests)).toEqual(Array(count).fill(3))
  })

  it('takes less than 200 MB', () => {
    expect(megabytes).toBeGreaterThan(10)
    expect(megabytes).toBeLessThan(200)
  })

  it('prints a result that fits a terminal of 80 columns, with what matters in the last 24 lines', async () => {
    await lab.host('node7').run('iptables -D FORWARD 12')
    await lab.host('node9').removeTool('ipset')
    const run = await fwRun(lab, ['apply'])
    const lines = run.stdout.trimEnd().split('\n')
    expect(run.code).toBe(2)
    const recap = lines.slice(lines.indexOf('RECAP') + 1)
    expect(recap.filter((line) => line.length > 80)).toEqual([])
    expect(lines.slice(-24).join('\n')).toMatch(/node9 +: .*failed=1/)
    expect(lines.at(-1)).toBe('apply: refused, nothing was changed. Not ready: node9.')
  })
})
