import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { fwRun } from './fw-run.ts'

describe('a host that has other tools than when it was guarded', () => {
  let lab: Lab
  const auto = ['-e', 'fw_guard=auto']

  beforeAll(async () => {
    lab = await startLab({ hosts: [{}] })
  })
  afterAll(() => lab.stop())

  /** What `update-alternatives --set` does. */
  async function switchTo(backend: 'legacy' | 'nft'): Promise<void> {
    const script = `for tool in iptables ip6tables; do for verb in '' -save -restore; do
      ln -sf /usr/sbin/$tool-${backend}$verb /etc/alternatives/$tool$verb
    done; done`
    expect((await lab.host('node1').run(script)).stderr).toBe('')
  }

  async function refused(check: RegExp): Promise<string> {
    let said = ''
    for (const command of ['status', 'apply', 'remove']) {
      const run = await fwRun(lab, [command, ...auto])
      expect(run.stdout, command).toMatch(check)
      expect(run.stdout, command).not.toMatch(/: done|nothing to do|host protected/)
      expect(run.code, command).not.toBe(0)
      said = run.stdout
    }
    return said
  }

  it('is refused while its old chain is in the other backend, and its command deletes that chain', async () => {
    expect((await fwRun(lab, ['apply', '-e', 'fw_guard=mangle'])).code).toBe(0)
    await switchTo('nft')
    const said = await refused(/FAIL {2}fw-run cannot change the chain FW-RUN: node1/)
    const [, command = 'false'] = /Delete the old guard on that host: `([^`]+)`/.exec(said) ?? []
    expect((await lab.host('node1').run(command)).code).toBe(0)
    const removed = await fwRun(lab, ['remove', ...auto])
    expect(removed.stdout).toContain('remove: done')
    const left = await lab.host('node1').run('iptables-legacy-save; ipset -n list')
    expect(left.stdout).not.toMatch(/FW-RUN|cluster_nodes/)
    await switchTo('legacy')
  })

  it('is refused while nft is gone and its table stands, until nft is there again', async () => {
    expect((await fwRun(lab, ['apply', '-e', 'fw_guard=nft'])).code).toBe(0)
    await lab.host('node1').run('mv /usr/sbin/nft /usr/sbin/nft.away')
    await refused(/FAIL {2}fw-run cannot change the table inet fw_run: node1/)
    await lab.host('node1').run('mv /usr/sbin/nft.away /usr/sbin/nft')
    expect((await fwRun(lab, ['remove', ...auto])).stdout).toContain('remove: done')
    await lab.host('node1').run('mv /usr/sbin/nft /usr/sbin/nft.away')
    expect((await fwRun(lab, ['preflight', ...auto])).stdout).not.toContain(
      'cannot change the table inet fw_run',
    )
    await lab.host('node1').run('mv /usr/sbin/nft.away /usr/sbin/nft')
  })

  it('is refused while iptables has another backend than iptables-save', async () => {
    await lab.host('node1').run('ln -sf /usr/sbin/iptables-nft /etc/alternatives/iptables')
    await refused(/FAIL {2}firewall cannot be read: node1/)
    await switchTo('legacy')
  })
})
