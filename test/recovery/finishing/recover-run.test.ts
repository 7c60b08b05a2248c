import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FwRunError } from '../../../src/errors.ts'
import type { RunEvent } from '../../../src/events.ts'
import type { NewEvent } from '../../../src/journal/event.ts'
import type { RecoveredHost } from '../../../src/outcomes/recovery.ts'
import type { RecoverOptions } from '../../../src/recovery/finishing/bring-forward.ts'
import type { LaterRun } from '../../../src/recovery/finishing/later-runs.ts'
import { recoverHosts, recoverRun } from '../../../src/recovery/finishing/recover-run.ts'
import { beginRun, type Run } from '../../../src/runs/run.ts'
import type { RunSettings } from '../../../src/runs/run-settings.ts'
import type { HostAccess } from '../../../src/ssh/host-access.ts'
import { begun, pastRunOf, planned } from '../../journal/runs.ts'
import { host } from '../../preflight/subject.ts'
import { type SimulatedHost, simulatedHost } from './simulated-host.ts'

const addresses = { node2: '192.0.2.12', node3: '192.0.2.13' } as const
const named = (name: keyof typeof addresses, ...how: Tail<Parameters<typeof simulatedHost>>) =>
  simulatedHost(name, addresses[name], ...how)
type Tail<T extends readonly unknown[]> = T extends [unknown, unknown, ...infer Rest] ? Rest : never

/** Brings an SSH banner to every connection, as the hosts of these tests would. */
const sshd = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
beforeAll(() => once(sshd.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => void sshd.close())

const decided: NewEvent = { kind: 'decided' }
const past = pastRunOf(begun, planned, decided)
const undecided = pastRunOf(begun, planned)

function options(...later: readonly (readonly LaterRun[])[]): RecoverOptions {
  let asked = 0
  const { port } = sshd.address() as AddressInfo
  const hosts = Object.entries(addresses).map(([name, address]) => ({ ...host, name, address }))
  return {
    inventory: {
      file: 'hosts.yaml',
      origin: '/hosts.yaml',
      ...{ hosts, nodes: hosts, hostsToProtect: hosts },
      ...{ group: 'all', groups: new Map(), warnings: [], files: new Map() },
    },
    opener: {
      dial: async () => ({ address: '127.0.0.1', port }) as HostAccess,
      ...{ timeout: 5, requestSeconds: 0, idle: 60, changes: true, close: () => {} },
      leaveToSsh: () => Promise.resolve(false),
    },
    settings: { lease: 30, confirm: undefined } as RunSettings,
    // Each time it is asked, others may have gone on; the last answer stays.
    later: async () => later[Math.min(asked++, later.length - 1)] ?? [],
  }
}

function begin(signal = new AbortController().signal): Run {
  const view = { emit: () => {}, flushed: async () => {} }
  return beginRun('recover', 4, view, signal)
}

async function recover(
  run: typeof past,
  hosts: readonly SimulatedHost[],
  ...later: readonly (readonly LaterRun[])[]
): Promise<Readonly<Record<string, RecoveredHost>>> {
  const found = await recoverHosts(run, hosts, options(...later), begin())
  return Object.fromEntries(found.map((one) => [one.host, one]))
}

describe('recoverHosts, for a run that had not decided', () => {
  it('sees that its hosts are as before, and changes none', async () => {
    const hosts = [named('node2', 'bare'), named('node3', 'bare')]
    expect(await recover(undecided, hosts)).toMatchObject({
      node2: { kind: 'as-before' },
      node3: { kind: 'as-before' },
    })
    for (const { asked } of hosts) expect(asked).toEqual(['clear', 'facts'])
  })

  it('tells of a host that is not as before', async () => {
    const hosts = [named('node2', 'half'), named('node3', 'bare')]
    expect(await recover(undecided, hosts)).toMatchObject({
      node2: { kind: 'unfinished', doubtful: false },
      node3: { kind: 'as-before' },
    })
  })
})

describe('recoverHosts, for a run that had decided', () => {
  it('brings forward the hosts that lack the change, and leaves the others alone', async () => {
    const [bare, guarded] = [named('node2', 'bare'), named('node3', 'guarded')]
    expect(await recover(past, [bare, guarded])).toMatchObject({
      node2: { kind: 'changed', changes: [{ kind: 'set' }, { kind: 'rules' }] },
      node3: { kind: 'already' },
    })
    expect(bare.asked).toEqual(['clear', 'facts', 'apply', 'commit'])
    expect([bare, guarded].map(({ firewall }) => firewall())).toEqual(['guarded', 'guarded'])
  })

  it('changes nothing where all have the change', async () => {
    const hosts = [named('node2', 'guarded'), named('node3', 'guarded')]
    expect(await recover(past, hosts)).toMatchObject({
      node2: { kind: 'already' },
      node3: { kind: 'already' },
    })
    for (const { asked } of hosts) expect(asked).toEqual(['clear', 'facts'])
  })

  it('takes the rule off where the run was to remove it', async () => {
    const [plan] = planned.plans
    const intent = { kind: 'remove', set: 'cluster_nodes' } as const
    const removal = pastRunOf(
      { ...begun, command: 'remove' },
      { kind: 'planned', plans: plan ? [{ ...plan, intent }] : [] },
      decided,
    )
    const hosts = [named('node2', 'guarded'), named('node3', 'bare')]
    expect(await recover(removal, hosts)).toMatchObject({
      node2: { kind: 'changed' },
      node3: { kind: 'already' },
    })
    expect(hosts.map(({ firewall }) => firewall())).toEqual(['bare', 'bare'])
  })

  it.each([true, false])(
    'finishes a removal of a host from the inventory although Calico still knows it: --leave-outside %s',
    async (leaveOutside) => {
      const edit = {
        kind: 'inventory-edit',
        ...{ file: '/i.yaml', backup: '/.i.yaml.before-r', before: 'a', after: 'b' },
        change: { kind: 'remove', name: 'node4', leaveOutside },
      } as const
      const whole = {
        ...{ ...begun, command: 'hosts', hosts: [...begun.hosts, 'node4'] },
        addresses: [...(begun.addresses ?? []), '192.0.2.14'],
      }
      const removal = pastRunOf(whole, edit, planned, decided)
      const sets = 'create cali40all-hosts-net hash:ip family inet hashsize 1024 maxelem 1048576\n'
      const knows = (...nodes: readonly string[]): string =>
        sets + nodes.map((node) => `add cali40all-hosts-net ${node}\n`).join('')
      const still = named('node2', 'bare', {}, { sets: knows('192.0.2.14') })
      expect(await recover(removal, [still, named('node3', 'guarded')])).toMatchObject({
        node3: { kind: 'already' },
      })
      expect(still.asked).toContain('apply')
      // Another node that is no member would be cut off.
      const stranger = named('node2', 'bare', {}, { sets: knows('192.0.2.15') })
      expect(await recover(removal, [stranger])).toMatchObject({
        node2: { kind: 'unfinished', reason: expect.stringContaining('allow: 192.0.2.15') },
      })
      expect(stranger.asked).not.toContain('apply')
    },
  )

  it('leaves a host to a later run that has decided about it', async () => {
    const hosts = [named('node2', 'bare'), named('node3', 'bare')]
    const later = [{ id: 'r9', hosts: [{ name: 'node2', address: addresses.node2 }], sure: true }]
    expect(await recover(past, hosts, later)).toMatchObject({
      node2: { kind: 'superseded', by: 'r9' },
      node3: { kind: 'changed' },
    })
    expect(hosts[0]?.firewall()).toBe('bare')
  })

  it('changes no host where a later run has decided about all', async () => {
    const hosts = [named('node2', 'bare'), named('node3', 'bare')]
    const all = Object.entries(addresses).map(([name, address]) => ({ name, address }))
    expect(await recover(past, hosts, [{ id: 'r9', hosts: all, sure: true }])).toMatchObject({
      node2: { kind: 'superseded' },
      node3: { kind: 'superseded' },
    })
    for (const { asked } of hosts) expect(asked).toEqual(['clear', 'facts'])
  })

  it('rolls all hosts back where another run has decided about one since it looked', async () => {
    const hosts = [named('node2', 'bare'), named('node3', 'bare')]
    const later = [{ id: 'r9', hosts: [{ name: 'node2', address: addresses.node2 }], sure: true }]
    const found = await recover(past, hosts, [], later)
    for (const name of ['node2', 'node3']) {
      expect(found[name]).toMatchObject({
        kind: 'unfinished',
        reason: expect.stringMatching(
          /because run r9 has changed or checked a host of this run meanwhile$/,
        ),
        remedy: 'Run the same command again.',
      })
    }
    expect(hosts.map(({ firewall }) => firewall())).toEqual(['bare', 'bare'])
    for (const { asked } of hosts) expect(asked).not.toContain('commit')
  })

  it('changes no host while one fails a check, and names that to the others', async () => {
    const odd = { 'iptables-version': 'iptables v1.8.9 (nf_tables)' }
    const hosts = [named('node2', 'bare', {}, odd), named('node3', 'bare')]
    expect(await recover(past, hosts)).toMatchObject({
      node2: { kind: 'unfinished', reason: expect.stringContaining('nf_tables') },
      node3: {
        kind: 'unfinished',
        reason: expect.stringMatching(/recover did not change this host, because node2 failed$/),
      },
    })
    expect(hosts[1]?.firewall()).toBe('bare')
  })

  it('says of a host that lacks the change because of Ctrl-C that this was why', async () => {
    const hosts = [named('node2', 'bare')]
    const interruption = new AbortController()
    const run = begin(interruption.signal)
    const emit = (event: RunEvent): void => {
      if (event.kind === 'phase-started' && event.phase === 'apply') interruption.abort()
    }
    const [found] = await recoverHosts(past, hosts, options(), { ...run, emit })
    expect(found).toMatchObject({
      kind: 'unfinished',
      reason: expect.stringMatching(
        /^the host still does not have the change: recover was interrupted \(Ctrl-C\), and/,
      ),
      remedy: 'Run the same command again.',
    })
    expect(hosts[0]?.firewall()).toBe('bare')
  })

  it.each(['recover', 'preflight'] as const)(
    'takes no host for done that it did not check because of Ctrl-C in phase %s',
    async (phase) => {
      const hosts = [named('node2', 'bare'), named('node3', 'guarded')]
      const interruption = new AbortController()
      const run = begin(interruption.signal)
      const emit = (event: RunEvent): void => {
        if (event.kind === 'phase-started' && event.phase === phase) interruption.abort()
      }
      const unchecked = {
        kind: 'unfinished',
        reason: expect.stringMatching(/^fw-run did not check the host: .*interrupted \(Ctrl-C\)/),
        remedy: 'Run the same command again.',
      }
      const found = await recoverHosts(past, hosts, options(), { ...run, emit })
      expect(found).toMatchObject([unchecked, unchecked])
      expect(hosts[0]?.firewall()).toBe('bare')
    },
  )

  it('changes no host if its own journal cannot be written, and says so of each', async () => {
    const hosts = [named('node2', 'bare'), named('node3', 'bare')]
    const run = begin()
    const fault = new FwRunError('journal', 'The disk is full.', { remedy: 'Free space.' })
    run.journal.begin({ note() {}, keep: () => Promise.reject(fault), close() {}, number: () => 1 })
    const found = await recoverHosts(past, hosts, options(), run)
    expect(found).toMatchObject([
      {
        ...{ host: 'node2', kind: 'unfinished', doubtful: false },
        reason: expect.stringMatching(
          /^recover could not read or write a journal, so it did not change the host\. The disk is full\.$/,
        ),
        remedy: 'Free space. Then run the same command again.',
      },
      { host: 'node3', kind: 'unfinished' },
    ])
    expect(hosts.map(({ firewall }) => firewall())).toEqual(['bare', 'bare'])
  })

  it.each([
    ['apply', 'failed\nno room', 'at apply: no room'],
    ['apply', 'locked\nr1\nann', 'at apply: another run holds this host: run r1 by ann'],
  ])('says why a host was not changed: %s %j', async (request, answer, reason) => {
    const hosts = [named('node2', 'bare', { [request]: answer }), named('node3', 'guarded')]
    expect(await recover(past, hosts)).toMatchObject({
      node2: { kind: 'unfinished', reason, doubtful: false },
      node3: { kind: 'already' },
    })
  })

  it('is in doubt about a host that it could not roll back', async () => {
    const spoiled = { apply: 'failed\nno room', rollback: 'failed\nlocked' }
    const hosts = [named('node2', 'bare', spoiled), named('node3', 'guarded')]
    expect(await recover(past, hosts)).toMatchObject({
      node2: { kind: 'unfinished', reason: 'locked', doubtful: true },
    })
  })

  it.each([
    [
      'whose leftovers cannot be cleared',
      { clear: 'failed\nlocked' },
      { kind: 'unfinished', reason: 'locked' },
      ['clear'],
    ],
    [
      'that is lost while it is read',
      { facts: 'lost' },
      {
        kind: 'unfinished',
        reason: 'the session was lost before the host was read: the link was cut',
      },
      ['clear', 'facts'],
    ],
  ])('does not change a host %s, but all others', async (_, spoiled, expected, asked) => {
    const hosts = [named('node2', 'bare', spoiled), named('node3', 'bare')]
    expect(await recover(past, hosts)).toMatchObject({
      node2: expected,
      node3: { kind: 'changed' },
    })
    expect(hosts[0]?.asked).toEqual(asked)
  })
})

describe('a host of which the past run knew the outcome', () => {
  const kept = pastRunOf(begun, planned, decided, {
    ...{ kind: 'step', phase: 'commit', host: 'node2', ok: true },
  })

  it.each([
    ['locked', { clear: 'locked\nr1\nann' }],
    ['lost', { facts: 'lost' }],
  ])('is not needed to finish that run, if it is %s now', async (_, spoiled) => {
    const signal = AbortSignal.abort()
    const hosts = [named('node2', 'guarded', spoiled), named('node3', 'bare')]
    const found = await recoverHosts(kept, hosts, options(), begin(signal))
    expect(found.map(({ host }) => host)).toEqual(['node3'])
  })

  it('is brought to the change again if it lacks that now', async () => {
    expect(await recover(kept, [named('node2', 'bare'), named('node3', 'guarded')])).toMatchObject({
      node2: { kind: 'changed' },
      node3: { kind: 'already' },
    })
  })

  it('is not needed where the inventory no longer has it', async () => {
    const { inventory, ...rest } = options()
    const without = { ...inventory, hosts: [] }
    const { hosts } = await recoverRun(kept, { ...rest, inventory: without }, begin())
    expect(hosts).toMatchObject([{ host: 'node3', kind: 'unfinished' }])
  })
})

describe('recoverRun', () => {
  it('logs in to no host that the inventory does not mean any more', async () => {
    const { inventory, ...rest } = options()
    const moved = [{ ...host, name: 'node2', address: '192.0.2.99' }]
    const { hosts } = await recoverRun(
      past,
      { ...rest, inventory: { ...inventory, hosts: moved } },
      begin(),
    )
    expect(hosts).toMatchObject([
      { host: 'node2', reason: expect.stringMatching(/now has node2 at 192\.0\.2\.99$/) },
      { host: 'node3', reason: expect.stringMatching(/but the inventory no longer has node3$/) },
    ])
    for (const one of hosts) {
      expect(one).toMatchObject({ kind: 'unfinished', remedy: expect.stringContaining('recover') })
    }
  })
})
