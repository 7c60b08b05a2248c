import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { checkList } from '../../src/check-names/check-list.ts'
import type { RunOptions } from '../lab/inside.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { rare, usual } from './ailing-hosts.ts'
import { rareWithTable, usualWithTable } from './ailing-tables.ts'
import type { AilingHost, Cure, Told, Vars } from './cures.ts'
import { fwRun, type RunDocument } from './fw-run.ts'

const guards: readonly (readonly [guard: string, hosts: readonly AilingHost[], vars: Vars])[] = [
  ['forward', long ? [...usual, ...rare] : usual, {}],
  [
    'nft',
    long ? [...usualWithTable, ...rareWithTable] : usualWithTable,
    { fw_guard: 'nft', fw_service_cidrs: ['10.43.0.0/16'] },
  ],
]

/** Checks whose remedies are carried out in another scenario, or cannot be in a lab. */
const elsewhere: Readonly<Record<string, string>> = {
  'other-run': 'held.test.ts waits for that run, and runs again',
  'kernel-support': 'a reboot, or modules for the kernel of this machine',
  'mangle-support': 'modules for the kernel of this machine, or a package',
  'flow-table': 'a kernel with flow tables: this one may have none',
  'virtual-switch': 'a policy of OVN-Kubernetes, or Open vSwitch, which a lab has not',
  ebpf: 'a policy that only Calico or Cilium can carry out',
}

describe('the remedy of each check', () => {
  it('is carried out on some host, if only in the long run', () => {
    const hosts = [...usual, ...rare, ...usualWithTable, ...rareWithTable]
    const carriedOut = [
      ...hosts.flatMap(({ cures }) => Object.keys(cures)),
      ...Object.keys(elsewhere),
    ]
    expect(Object.keys(checkList).filter((id) => !carriedOut.includes(id))).toEqual([])
  })
})

describe.each(guards)('the remedies that fw-run prints for the guard %s', (_, ailing, vars) => {
  let lab: Lab
  let before: RunDocument
  beforeAll(async () => {
    lab = await startLab({ hosts: ailing.map(({ name, spec }) => ({ name, ...spec })) })
    await Promise.all(
      ailing.map(async ({ name, shell }) => {
        const made = await lab.host(name).run(`set -e; ${shell ?? ':'}`)
        if (made.code !== 0) throw new Error(`${name}: ${made.stderr}`)
      }),
    )
    for (const { name, happen } of ailing) await happen?.(lab, lab.host(name))
    const twins = ailing.flatMap(({ name, twin }) =>
      twin ? [[`${name}-again`, { ansible_host: twin }]] : [],
    )
    const first = await inventory({}, Object.fromEntries(twins))
    before = (await fwRun(lab, ['preflight', '--output', 'json'], first)).json()
  })
  afterAll(() => lab.stop())

  it('help where they are carried out as printed, and break nothing else', async () => {
    const settings: Record<string, Vars> = {}
    for (const { name, cures } of ailing) {
      for (const [check, steps] of Object.entries(cures)) {
        for (const step of steps) {
          const found = await carryOut(name, step, toldOf(name, check), settings)
          settings[name] = merged(settings[name] ?? {}, found)
        }
      }
    }
    const run = await fwRun(lab, ['apply', '--output', 'json'], await inventory(settings))
    expect(run.stderr).not.toContain('Warning')
    const { outcome, hosts } = run.json()
    const left = hosts.flatMap(({ host, checks }) =>
      checks
        .filter(({ id, result }) => result !== 'pass' && !stays(host, id, settings))
        .map(({ id, reason }) => ({ host, id, reason })),
    )
    expect({ outcome, left }).toEqual({ outcome: 'done', left: [] })
    expect(hosts.flatMap(({ notes }) => notes).join('\n')).not.toContain('ipset destroy')

    const [node, ...others] = lab.hosts.filter(({ name }) => !isOutside(settings[name]))
    const reached = others.map(async ({ name, pod }) => ({
      name,
      byNode: await node?.canConnect(pod.address),
      byPod: await node?.pod.canConnect(pod.address),
      byOutsider: await lab.outsider.canConnect(pod.address),
    }))
    expect(await Promise.all(reached)).toEqual(
      others.map(({ name }) => ({ name, byNode: true, byPod: true, byOutsider: false })),
    )
    for (const { name, holds } of ailing) {
      expect({ name, holds: (await holds?.(lab, lab.host(name))) ?? true }).toEqual({
        name,
        holds: true,
      })
    }
  })

  /** Carries a cure out. Returns the settings that it gives to the host. */
  async function carryOut(
    name: string,
    cure: Cure,
    told: Told,
    settings: Readonly<Record<string, Vars>>,
  ): Promise<Vars> {
    if ('set' in cure) return cure.set(told)
    if ('fwRun' in cure) {
      const run = await fwRun(lab, cure.fwRun(told).split(' '), await inventory(settings))
      expect(run.stdout + run.stderr).toMatch(cure.shows)
      return {}
    }
    const command = cure.run(told)
    const done = await (cure.on === 'host' ? lab.host(name) : lab.jump).run(command)
    expect({ name, command, ...done }).toMatchObject({ code: 0 })
    if (cure.shows) expect(done.stdout + done.stderr).toMatch(cure.shows)
    return {}
  }

  function toldOf(name: string, check: string): Told {
    const host = before.hosts.find((one) => one.host === name)
    const found = host?.checks.find(({ id, result }) => id === check && result !== 'pass')
    const within =
      (text = '') =>
      (pattern: RegExp) =>
        partOf(text, pattern, `${check} of ${name}`)
    const remedy = check === 'notes' ? host?.notes.join('\n') : found?.remedy
    const { address } = lab.host(name)
    return { address, inRemedy: within(remedy), inReason: within(found?.reason) }
  }

  function stays(name: string, id: string, settings: Readonly<Record<string, Vars>>): boolean {
    const { stays = [], cures } = ailing.find((one) => one.name === name) ?? {}
    const accepted = settings[name]?.fw_accept
    return (
      stays.includes(id) ||
      // Only another guard closes ClusterIPs.
      (id === 'cluster-ips' && !cures?.[id]) ||
      (Array.isArray(accepted) && accepted.includes(id))
    )
  }

  /** Options of a run with an inventory of all hosts, where some have further settings. */
  async function inventory(
    settings: Readonly<Record<string, Vars>>,
    more: Readonly<Record<string, Vars>> = {},
  ): Promise<RunOptions> {
    const hosts = lab.hosts.map(({ name, address }) => {
      const own = ailing.find((one) => one.name === name)?.vars
      return [name, { ansible_host: address, ip: address, ...own, ...settings[name] }] as const
    })
    const inside = hosts.filter(([, own]) => !isOutside(own))
    const outside = hosts.filter(([, own]) => isOutside(own))
    const text = stringify({
      all: {
        vars: { ansible_user: 'ops', fw_interface: 'ens18', ...vars },
        children: { k8s_cluster: { hosts: { ...Object.fromEntries(inside), ...more } } },
        hosts: Object.fromEntries(outside.map(([name]) => [name, {}])),
      },
    })
    return { env: { FW_RUN_INVENTORY: await lab.file('inventory.yaml', text) } }
  }
})

function partOf(text: string, pattern: RegExp, where: string): string {
  const [, part] = pattern.exec(text) ?? []
  if (part === undefined) throw new Error(`${where}: nothing like ${pattern} in '${text}'`)
  return part
}

function isOutside(vars: Vars | undefined): boolean {
  return vars !== undefined && 'outside' in vars
}

/** Settings together; of lists, all items. */
function merged(one: Vars, other: Vars): Vars {
  const both = Object.entries(other).map(([name, value]) => {
    const had = one[name]
    return [name, Array.isArray(had) && Array.isArray(value) ? [...had, ...value] : value]
  })
  return { ...one, ...Object.fromEntries(both) }
}
