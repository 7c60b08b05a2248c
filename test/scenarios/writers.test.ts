import { afterAll, beforeAll, describe, expect, it, onTestFailed, onTestFinished } from 'vitest'
import type { LabHost } from '../lab/host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { long, rounds } from '../rounds.ts'
import { fwRun, guards } from './fw-run.ts'

/**
 * What Felix, kube-proxy and docker do to FORWARD, at random, every second or so: Felix takes its jump and its appended
 * ACCEPT out and puts them back at the top and the end; kube-proxy puts a lost jump at the top; docker makes a network
 * and deletes it; and somebody else puts a rule somewhere and takes it away again. What was done is written down. Where
 * no dockerd runs, only its jump is put at the top, in one step, where dockerd takes several.
 */
const writers = `
  jump='-m comment --comment cali:wUHhoiAYhphO9Mso -j cali-FORWARD'
  accept='-m comment --comment cali:S93hcgKJrXEqnTfs -m comment --comment Policy_explicitly_accepted -m mark --mark 0x10000/0x10000 -j ACCEPT'
  proxy='-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD'
  again() { # AT RULE: takes the rule out and puts it in at once, as Felix does
    printf '*filter\\n-D FORWARD %s\\n-%s %s\\nCOMMIT\\n' "$2" "$1" "$2" | iptables-restore -w -n
  }
  docker() { again 'I FORWARD 1' '-j DOCKER-USER'; }
  if [ -e /tmp/dockerd/pid ]; then
    docker() { sh /usr/lib/lab/dockerd.sh create net && sh /usr/lib/lab/dockerd.sh delete net; }
  fi
  while [ ! -e /tmp/stop ]; do
    what=$(($(od -An -N1 -tu1 /dev/urandom) % 5))
    case $what in
      0) again 'I FORWARD 1' "$jump" ;;
      1) again 'A FORWARD' "$accept" ;;
      2) again 'I FORWARD 1' "$proxy" ;;
      3) docker ;;
      4) iptables -w -I FORWARD $(($(od -An -N1 -tu1 /dev/urandom) % 10 + 1)) -s 203.0.113.7 -j DROP; sleep 0.3; iptables -w -D FORWARD -s 203.0.113.7 -j DROP ;;
    esac && echo $what >>/tmp/written
    sleep 1.$(($(od -An -N1 -tu1 /dev/urandom) % 10))
  done
  touch /tmp/stopped`

const accept =
  '-m comment --comment cali:S93hcgKJrXEqnTfs -m comment --comment Policy_explicitly_accepted -m mark --mark 0x10000/0x10000 -j ACCEPT'

/** The rules of others in FORWARD of a host, in their order. */
async function others(host: LabHost): Promise<readonly string[]> {
  const { stdout } = await host.run('iptables -S FORWARD | grep -v -e cluster_nodes -e 203.0.113.7')
  return stdout.split('\n')
}

/** Those of them that the writers never put in or take out. */
async function steady(host: LabHost): Promise<readonly string[]> {
  return (await others(host)).filter(
    (rule) => !/cali-FORWARD|cali:S93|KUBE-FORWARD|DOCKER-USER|DOCKER-ISOLATION| br-/.test(rule),
  )
}

async function startWriters(lab: Lab): Promise<void> {
  for (const host of lab.hosts) {
    await host.run(
      `rm -f /tmp/stop /tmp/stopped /tmp/written; (${writers}) </dev/null >/dev/null 2>&1 &`,
    )
  }
}

/** Whether each kind of writing has been done on each host. */
async function allWritten(lab: Lab): Promise<boolean> {
  const written = await Promise.all(lab.hosts.map((host) => host.run('sort -u /tmp/written')))
  return written.every(({ stdout }) => stdout === '0\n1\n2\n3\n4\n')
}

/** Ends the writers once their last command has ended. */
async function stopWriters(lab: Lab): Promise<void> {
  for (const host of lab.hosts) await host.run('touch /tmp/stop')
  for (const host of lab.hosts) await host.run('until [ -e /tmp/stopped ]; do sleep 0.1; done')
}

describe('apply, while Felix, kube-proxy and docker keep writing', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 2 })
    for (const host of lab.hosts) {
      await host.run(`iptables -A FORWARD ${accept}`)
      if (long) expect((await host.run('sh /usr/lib/lab/dockerd.sh start')).code).toBe(0)
    }
  })
  afterAll(() => lab.stop())

  it('leaves the rule exactly once and effective, time after time, and never touches a rule of others', async () => {
    const node1 = lab.host('node1')
    const [before, order] = [(await others(node1)).toSorted(), await steady(node1)]
    expect(order.length).toBeGreaterThan(5)
    await startWriters(lab)
    onTestFailed(() => stopWriters(lab))
    for (let round = 1; round <= rounds(6, 50) || !(await allWritten(lab)); round++) {
      const { code, stdout } = await fwRun(lab, ['apply'])
      expect([round, code === 0 ? '' : stdout]).toEqual([round, ''])
      expect(await lab.outsider.canConnect(lab.pod(1 + (round % 2)).address)).toBe(false)
      for (const { name } of lab.hosts) expect(await guards(lab, name)).toHaveLength(1)
      expect(await steady(node1)).toEqual(order)
      // Half of the rounds begin without a rule, half find one to keep or to move.
      if (round % 2 === 0) expect((await fwRun(lab, ['remove'])).code).toBe(0)
    }
    await stopWriters(lab)
    expect((await others(node1)).toSorted()).toEqual(before)
  })

  it('leaves the rules of others in any order that they were written in', async () => {
    for (let round = 1; round <= rounds(1, 3); round++) {
      await startWriters(lab)
      await expect.poll(() => allWritten(lab)).toBe(true)
      await stopWriters(lab)
      const before = await Promise.all(lab.hosts.map(others))
      for (const command of ['apply', 'remove']) {
        const run = await fwRun(lab, [command])
        expect([command, run.code]).toEqual([command, 0])
        expect(await Promise.all(lab.hosts.map(others))).toEqual(before)
      }
    }
  })

  it('comes to an end on many hosts, where somebody always writes to one', async () => {
    const many = await startLab({ hosts: rounds(8, 16) })
    onTestFinished(() => many.stop())
    for (const host of many.hosts) await host.run(`iptables -A FORWARD ${accept}`)
    await startWriters(many)
    for (const command of ['apply', 'remove', 'apply']) {
      const { code, stdout } = await fwRun(many, [command])
      expect([command, code === 0 ? '' : stdout]).toEqual([command, ''])
    }
    for (const { name } of many.hosts) expect(await guards(many, name)).toHaveLength(1)
  })
})
