import { afterEach, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { fwRun, type Run } from './fw-run.ts'

/** The process of an apply, and not the shell that began it. */
const runner = '^node .*fw-ru[n][.]js apply'

describe('a run that holds its change', () => {
  let lab: Lab
  afterEach(() => lab?.stop())

  const aside = async (): Promise<boolean> =>
    (await lab.host('node1').run('ipset list -n')).stdout.includes('fw-run-aside')

  const released = 'until test -e released; do sleep 0.1; done'
  const release = (): Promise<unknown> => lab.jump.run('touch released')

  /** An apply that changes the set of hosts, and is held up until `release` by a probe that asks after the change. */
  const holding = async (...words: string[]): Promise<{ ended: Promise<Run> }> => {
    const command = `test -e asked && ${released}; touch asked`
    const probe = JSON.stringify({ fw_probes: [{ command }], fw_extra_members: ['192.0.2.99'] })
    const ended = fwRun(lab, ['apply', '--timeout', '300', '-e', probe, ...words])
    await expect.poll(aside).toBe(true)
    return { ended }
  }

  /** Stops the runner in its tracks until such words find nothing on any host. */
  const stalled = async (words: string): Promise<void> => {
    await lab.jump.run(`pkill -STOP -f '${runner}'`)
    const found = (): Promise<readonly string[]> =>
      Promise.all(lab.hosts.map(async (host) => (await host.run(words)).stdout))
    await expect.poll(found).toEqual(lab.hosts.map(() => ''))
    await lab.jump.run(`pkill -CONT -f '${runner}'`)
  }

  it('is reported by status, which promises nothing yet, and by recover', async () => {
    lab = await startLab({ hosts: 2 })
    await fwRun(lab, ['apply'])
    const { ended } = await holding()
    const status = await fwRun(lab, ['status', '-e', 'fw_extra_members=192.0.2.99'])
    expect(status.stdout).toMatch(
      /status: 2 hosts protected for now, but run \S+ is at work and may roll back its change: run `fw-run status -e fw_extra_members=\S+` again later\.\n$/,
    )
    expect(status.stdout).not.toContain('of an earlier run is still there')
    expect(status.code).toBe(3)
    expect((await fwRun(lab, ['recover'])).stdout).toMatch(
      /^recover: run \S+ is still at work \(process \d+\): nothing to finish yet\.\n$/,
    )
    const other = await fwRun(lab, ['apply'])
    expect(other.stdout).toMatch(
      /another run holds this host: run \S+ \(fw-run apply by root@jump, started 20\S+ \S+Z\)\n/,
    )
    expect(other.stdout).toContain(
      '-> Wait until that run has ended. If its fw-run process is gone, wait until the lease ends',
    )
    expect(other.code).toBe(2)
    await release()
    expect((await ended).code).toBe(0)
    expect((await fwRun(lab, ['apply'])).code).toBe(0)
  })

  it('and stalls for longer than the lease says so: its hosts answer, and have rolled it back', async () => {
    lab = await startLab({ hosts: 2 })
    await fwRun(lab, ['apply'])
    const { ended } = await holding('--lease', '5')
    await stalled('ls -d /run/fw-run/lock')
    await release()
    const run = await ended
    // The first host that is heard from is named; the other may be undone before its own word arrives.
    expect(run.stdout).toMatch(/node[12].* before the commit:/)
    expect(run.stdout).toContain('for longer than the lease. Run the same command again')
    expect(run.stdout).toMatch(/node[12] : .*failed=1 +unreachable=0/)
    expect(run.code).toBe(2)
    expect((await fwRun(lab, ['apply', '-e', 'fw_extra_members=192.0.2.99'])).code).toBe(0)
  })

  it('and stalls before it has changed anything says so, too', async () => {
    lab = await startLab({ hosts: 2 })
    const probe = JSON.stringify({ fw_probes: [{ command: `touch asked; ${released}` }] })
    const ended = fwRun(lab, ['apply', '--timeout', '300', '--lease', '5', '-e', probe])
    const asked = async (): Promise<boolean> => (await lab.jump.run('test -e asked')).code === 0
    await expect.poll(asked).toBe(true)
    await stalled('pgrep -x sudo')
    await release()
    const run = await ended
    expect(run.stdout).toContain('heard nothing from fw-run for 10 s')
    expect(run.stdout).toContain('for longer than the lease. Run the same command again')
    expect(run.stdout).toMatch(/node[12] : .*failed=1 +unreachable=0/)
    expect(run.code).toBe(2)
  })
})
