import { describe, expect, it, onTestFinished } from 'vitest'
import type { LabHost } from '../lab/host.ts'
import type { RunOptions } from '../lab/inside.ts'
import type { InventoryOverrides } from '../lab/inventory.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { articleRules } from '../lab/spec.ts'
import { long } from '../rounds.ts'
import { fwRun, guards } from './fw-run.ts'

const tool = 'sh /usr/lib/lab'
const servePod =
  'setsid ip netns exec web busybox httpd -f -p 8080 -h /usr/lib/lab/pod </dev/null >/dev/null 2>&1 &'

/** Runs a command on a host and returns what it printed; throws if it failed. */
async function must(host: LabHost, command: string): Promise<string> {
  const { code, stdout, stderr } = await host.run(command)
  if (code !== 0) throw new Error(`${host.name}: '${command}' ended with ${code}: ${stderr}`)
  return stdout
}

/** All rules of a host but ours, without counters. */
function rulesOfOthers(host: LabHost): Promise<string> {
  return must(
    host,
    'iptables-save | sed -e "/^#/d" -e "/cluster_nodes/d" -e "s/ \\[[0-9]*:[0-9]*\\]$//"',
  )
}

/** Lets rules that were lost come back at the top of their chains, where Felix and kube-proxy put theirs. */
async function kubernetesReturns(host: LabHost, saved: string): Promise<void> {
  const positions = new Map<string, number>()
  const lines = saved.split('\n').flatMap((line) => {
    if (/^:[A-Z]+ [A-Z]/.test(line)) return []
    if (line.startsWith('*')) positions.clear()
    const [, chain, rule] =
      /^-A (INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) (.*)/.exec(line) ?? []
    if (chain === undefined) return [line]
    const position = (positions.get(chain) ?? 0) + 1
    positions.set(chain, position)
    return [`-I ${chain} ${position} ${rule}`]
  })
  const { code, stderr } = await host.run('iptables-restore -w -n', { stdin: lines.join('\n') })
  expect([code, stderr]).toEqual([0, ''])
}

/** A lab, its first host, on which real writers work, and how fw-run finds the inventory. */
type Beside = { readonly lab: Lab; readonly node1: LabHost; readonly options: RunOptions }

/** Two hosts until the end of the test, with these variables in the inventory. */
async function startBeside(
  vars: InventoryOverrides['vars'] = {},
  rules = articleRules,
): Promise<Beside> {
  const lab = await startLab({ hosts: 2, each: { rules } })
  onTestFinished(() => lab.stop())
  const inventory = await lab.file('beside.yaml', lab.inventoryYaml({ vars }))
  return { lab, node1: lab.host('node1'), options: { env: { FW_RUN_INVENTORY: inventory } } }
}

/** What `fw-run status` says of node1. */
async function stateOfNode1({ lab, options }: Beside): Promise<string | undefined> {
  const { stdout } = await fwRun(lab, ['status'], options)
  return /^node1 *: (\w+)/m.exec(stdout)?.[1]
}

/** Asserts that node1 is protected, that `fw-run status` says so, and that the cluster still reaches its pod. */
async function expectProtected(beside: Beside): Promise<void> {
  const { lab } = beside
  expect(await stateOfNode1(beside)).toBe('protected')
  expect(await lab.outsider.canConnect(lab.pod(1).address, 8080, 1)).toBe(false)
  expect(await lab.pod(2).canConnect(lab.pod(1).address)).toBe(true)
}

/** Runs `apply` or `remove`, asserts that the rules of others on node1 stay as they are, and returns the report. */
async function keepingOthers(command: 'apply' | 'remove', beside: Beside): Promise<string> {
  const { lab, node1, options } = beside
  const before = await rulesOfOthers(node1)
  const { code, stdout } = await fwRun(lab, [command], options)
  expect([code, code === 0 ? '' : stdout]).toEqual([0, ''])
  expect(await rulesOfOthers(node1)).toBe(before)
  return stdout
}

describe('a guard beside real writers of rules', () => {
  it("keeps open what CNI's portmap publishes, closes the pod, and outlives the pod's end", async () => {
    const beside = await startBeside({ fw_published: 'allow' })
    const { lab, node1 } = beside
    await must(node1, `${tool}/cni.sh ADD web bridge portmap`)
    await must(node1, servePod)
    const refused = await fwRun(lab, ['apply'])
    expect(refused.stdout).toContain(
      'the rule of fw-run would stop "outsider → published port 8081/tcp"',
    )
    expect(refused.stdout).toContain('To keep the port reachable, set fw_published: allow.')
    await keepingOthers('apply', beside)
    await expectProtected(beside)
    expect(await lab.outsider.canFetch(node1.address, 8081)).toBe(true)
    await must(node1, `${tool}/cni.sh DEL web portmap bridge`)
    expect(await stateOfNode1(beside)).toBe('protected')
    await keepingOthers('remove', beside)
  })

  if (!long) return

  it("stays in force below the jump of CNI's firewall plugin, and beside ptp", async () => {
    const beside = await startBeside()
    const { node1 } = beside
    await keepingOthers('apply', beside)
    await must(node1, `${tool}/cni.sh ADD lan bridge firewall`)
    await must(node1, `${tool}/cni.sh ADD own ptp firewall`)
    expect(await must(node1, 'iptables -S FORWARD 1')).toContain('-j CNI-FORWARD')
    await expectProtected(beside)
    expect(await keepingOthers('apply', beside)).toContain('nothing to do on 2 hosts')
    await must(node1, `${tool}/cni.sh DEL lan firewall bridge`)
    await must(node1, `${tool}/cni.sh DEL own firewall ptp`)
    await expectProtected(beside)
    await keepingOthers('remove', beside)
  })

  it('stays in force when dockerd starts, makes and deletes networks, and starts again', async () => {
    const beside = await startBeside({}, articleRules.replace(/^.*docker.*\n/gim, ''))
    const { lab, node1 } = beside
    await keepingOthers('apply', beside)
    const place = await guards(lab, 'node1')
    await must(node1, `${tool}/dockerd.sh start`)
    await expectProtected(beside)
    await must(node1, `${tool}/dockerd.sh create blue`)
    await expectProtected(beside)
    await keepingOthers('apply', beside)
    await must(node1, `${tool}/dockerd.sh stop`)
    await must(node1, `${tool}/dockerd.sh start`)
    await expectProtected(beside)
    await keepingOthers('remove', beside)
    await keepingOthers('apply', beside)
    await must(node1, `${tool}/dockerd.sh delete blue`)
    await expectProtected(beside)
    expect(await guards(lab, 'node1')).not.toEqual(place)
    await keepingOthers('remove', beside)
  })

  it.each(['iptables', 'nftables'])(
    'is missed as soon as firewalld (%s) has flushed all rules, and put back once Kubernetes is back',
    async (backend) => {
      const beside = await startBeside()
      const { lab, node1, options } = beside
      const kubernetes = await rulesOfOthers(node1)
      await keepingOthers('apply', beside)
      const flush = async (command: string): Promise<void> => {
        await must(node1, command)
        expect(await guards(lab, 'node1')).toEqual([])
        const status = await fwRun(lab, ['status'], options)
        expect(status.code).toBe(2)
        expect(status.stdout).toContain('node1 : unprotected')
        const apply = await fwRun(lab, ['apply'], options)
        expect(apply.code).toBe(2)
        expect(apply.stdout).toContain(
          'firewalld may delete the rule of fw-run, and rules of Kubernetes',
        )
        expect(apply.stdout).toContain('Start kubelet and calico-node on that host')
        await kubernetesReturns(node1, kubernetes)
        expect(await stateOfNode1(beside)).toBe('unprotected')
        await keepingOthers('apply', beside)
        expect(await stateOfNode1(beside)).toBe('protected')
      }
      await flush(`${tool}/firewalld.sh ${backend}`)
      await must(
        node1,
        'firewall-cmd --direct --add-rule ipv4 filter FORWARD 0 -s 203.0.113.0/24 -j DROP',
      )
      await expectProtected(beside)
      await flush('firewall-cmd --reload')
      await keepingOthers('remove', beside)
    },
  )

  it('stays in force when ufw starts and reloads, and is missed when ufw flushes all rules', async () => {
    const beside = await startBeside()
    const { lab, node1, options } = beside
    const kubernetes = await rulesOfOthers(node1)
    await must(node1, 'ufw allow 22/tcp; ufw allow 8472/udp')
    await keepingOthers('apply', beside)
    for (const command of ['ufw --force enable', 'ufw reload']) {
      await must(node1, command)
      await expectProtected(beside)
      expect(await keepingOthers('apply', beside)).toContain('ufw may delete the rule of fw-run')
    }
    await must(node1, 'sed -i s/MANAGE_BUILTINS=no/MANAGE_BUILTINS=yes/ /etc/default/ufw')
    await must(node1, 'ufw reload')
    expect(await guards(lab, 'node1')).toEqual([])
    expect((await fwRun(lab, ['status'], options)).stdout).toContain('node1 : unprotected')
    await kubernetesReturns(node1, kubernetes)
    await keepingOthers('apply', beside)
    await expectProtected(beside)
    await must(node1, 'ufw disable')
    await keepingOthers('remove', beside)
  })

  it("stays in force below the rules of strongSwan's updown, which only let in what came through the tunnel", async () => {
    const beside = await startBeside()
    const { node1 } = beside
    await keepingOthers('apply', beside)
    await must(node1, `${tool}/updown.sh up 10.42.1.0/24`)
    expect(await must(node1, 'iptables -S FORWARD 1')).toContain('--pol ipsec')
    await expectProtected(beside)
    await keepingOthers('remove', beside)
    await keepingOthers('apply', beside)
    await must(node1, `${tool}/updown.sh down 10.42.1.0/24`)
    await expectProtected(beside)
    await keepingOthers('remove', beside)
  })
})
