import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../eventually.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { executable, firewalls, fwRun } from './fw-run.ts'

describe('what a run leaves for other programs and readers', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 3 })
    await lab.file('inventory.yaml', lab.inventoryYaml())
  })
  afterAll(() => lab.stop())

  const read = async (file: string): Promise<string> => (await lab.jump.run(`cat ${file}`)).stdout

  it('tells of a report that cannot be written before any host is connected to', async () => {
    const before = await firewalls(lab)
    const run = await fwRun(lab, ['apply', '--junit', 'none/junit.xml', '--output', 'json'])
    expect(run.code).toBe(1)
    expect(run.json()).toMatchObject({ error: { code: 'output' } })
    expect(run.stderr).toContain(
      'fw-run: --junit none/junit.xml cannot be written: its directory does not exist. fw-run connected to no host, and changed nothing.',
    )
    expect(run.stderr).not.toContain('Connect')
    expect(await firewalls(lab)).toEqual(before)
  })

  it('apply --plan does what a saved plan says, and refuses by name what is no longer so', async () => {
    const plan = async (): Promise<void> => {
      const run = await fwRun(lab, ['apply', '--check', '--plan-out', 'plan.json'])
      expect(run.code).toBe(3)
    }
    await plan()
    await lab.host('node3').run('iptables -A FORWARD -s 203.0.113.7 -j DROP')
    const before = await firewalls(lab)
    const refused = await fwRun(lab, ['apply', '--plan', 'plan.json'])
    expect(refused.code).toBe(2)
    expect(refused.stdout).toContain(
      'node3 not as in the plan:\n      changed since the plan was made: FORWARD',
    )
    expect(refused.stdout).toContain('refused, nothing was changed. Not ready: node3.')
    expect(await firewalls(lab)).toEqual(before)
    await plan()
    const checked = await fwRun(lab, ['apply', '--check', '--plan', 'plan.json'])
    expect(checked.code).toBe(3)
    const limited = await fwRun(lab, ['apply', '--plan', 'plan.json', '--limit', '!node1'])
    expect(limited.code).toBe(2)
    expect(limited.stdout).toContain('the plan has hosts that this run does not have: node1')
    const run = await fwRun(lab, ['apply', '--plan', 'plan.json'])
    expect(run.stdout).toContain('apply: done, 3 of 3 hosts changed.')
    await fwRun(lab, ['remove'])
  })

  it('apply writes a page for people and JUnit for CI; runs ID writes the page again', async () => {
    const run = await fwRun(lab, ['apply', '--junit', 'junit.xml', '--report', 'page.html'])
    expect(run.code).toBe(0)
    const page = await read('page.html')
    expect(page).toContain('apply: done, 3 of 3 hosts changed.')
    expect(page).toContain('+ ipset create cluster_nodes')
    const [, id = ''] = /<dt>Run<\/dt><dd>([\w-]+)</.exec(page) ?? []
    expect((await fwRun(lab, ['runs', id, '--report', 'past.html'])).code).toBe(0)
    expect(await read('past.html')).toContain('+ ipset create cluster_nodes')
    const xml = await read('junit.xml')
    expect(xml.match(/<testsuite name="node\d"/g)).toHaveLength(3)
    expect(xml).not.toMatch(/<(failure|error)/)
  })

  it('status writes metrics into a file that node_exporter may read, and nothing to stdout', async () => {
    await lab.outsider.canPing(lab.pod(2).address)
    const run = await fwRun(lab, ['status', '--output', 'prometheus', '--to', 'fw-run.prom'])
    expect([run.code, run.stdout]).toEqual([0, ''])
    const metrics = await read('fw-run.prom')
    expect(metrics.match(/^fw_run_host_protected\{.*host="node\d"\} 1$/gm)).toHaveLength(3)
    expect(metrics).toMatch(/^fw_run_host_rejected_packets_total\{.*host="node2"\} [1-9]/m)
    expect((await lab.jump.run('stat -c %a fw-run.prom')).stdout).toBe('644\n')
    expect((await fwRun(lab, ['status', '--output', 'prometheus'])).stdout).toMatch(
      /^fw_run_status_exit_code\{.*\} 0$/m,
    )
  })

  it('status writes no metrics of a look that was interrupted: nobody has seen those hosts', async () => {
    const words = ['status', '-i', 'inventory.yaml', '-T', '200', '--output', 'prometheus']
    await lab.jump.run('echo old >cut.prom')
    await lab.host('node2').freeze()
    onTestFinished(() => lab.host('node2').thaw())
    const sessions = async () => (await lab.host('node1').run("pgrep -fc 'sshd: [o]ps'")).stdout
    for (const more of [[], ['--watch', '60']]) {
      await eventually(async () => expect(await sessions()).toBe('0\n'))
      const argv = ['node', executable, ...words, ...more, '--to', 'cut.prom']
      const child = lab.jump.spawn(argv)
      const end = once(child, 'close')
      let said = ''
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
      await eventually(async () => expect(await sessions()).not.toBe('0\n'))
      child.kill('SIGTERM')
      expect(await end).toEqual([130, null])
      expect(said.replace(/\s+/g, ' ')).toContain(
        '--to cut.prom is not written: this run has no result for that file. An older file stays as it is.',
      )
      expect(await read('cut.prom')).toBe('old\n')
    }
  })

  it('apply --check ends with 1 where nobody can read what it would do', async () => {
    const check = (words: string) =>
      lab.jump.run(`node ${executable} ${words} -i inventory.yaml --check >/dev/full`)
    expect((await check('apply')).code).toBe(1)
    expect((await check('remove')).code).toBe(1)
  })

  it('status --watch tells each change in a line until it is ended, and keeps the metrics fresh', async () => {
    const argv = ['node', executable, 'status', '-i', 'inventory.yaml', '--watch', '1']
    const child = lab.jump.spawn([...argv, '--report', 'watched.html'])
    const metrics = lab.jump.spawn([...argv, '--output', 'prometheus', '--to', 'watched.prom'])
    const ends = [child, metrics].map((one) => once(one, 'exit'))
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    const warned = [child, metrics].map(({ stderr }) => {
      const said = { text: '' }
      stderr?.on('data', (chunk: Buffer) => {
        said.text += chunk.toString()
      })
      return said
    })
    const shows = (pattern: RegExp) => eventually(async () => expect(said).toMatch(pattern))
    await shows(/Z node1, node2, node3: protected\n$/)
    await lab.host('node2').run('iptables -D FORWARD 12')
    await shows(/Z node2: protected -> unprotected: .*\n$/)
    await eventually(async () =>
      expect(await read('watched.prom')).toMatch(/^fw_run_host_protected\{.*host="node2"\} 0$/m),
    )
    await lab.file('inventory.yaml', 'all: [')
    for (const one of warned)
      await eventually(() => expect(one.text).toMatch(/warning: .*inventory\.yaml/))
    // The end of a watch is no look: an alarm on the age of the last one must not wait again.
    const lastSeen = await read('watched.prom')
    // Nobody knows how the hosts are now.
    metrics.kill('SIGTERM')
    expect(await ends[1]).toEqual([1, null])
    expect(await read('watched.prom')).toBe(lastSeen)
    expect((await lab.jump.run('rm watched.html')).code).toBe(0)
    await lab.file('inventory.yaml', lab.inventoryYaml())
    await eventually(async () => expect((await lab.jump.run('test -e watched.html')).code).toBe(0))
    child.kill('SIGTERM')
    expect(await ends[0]).toEqual([3, null])
    expect(said.match(/^2\d{3}-.*Z /gm)).toHaveLength(2)
    expect(said).toMatch(/node2 : unprotected[\s\S]*not protected: node2/)
  })
})
