import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { RunOptions } from '../lab/inside.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { long } from '../rounds.ts'
import { type Cure, rare, type Told, twinAddress, usual, type Vars } from './ailing-hosts.ts'
import { fwRun, type RunDocument } from './fw-run.ts'

const ailing = long ? [...usual, ...rare] : usual

/** These warnings stay. Nothing on a host closes ClusterIPs, and what the other backend drops, or what is cut on purpose, is told. */
const staying = new Set([
  'cluster-ips of any',
  'one-backend of others',
  'published-ports of host-port-cut',
])

describe('the remedies that fw-run prints', () => {
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
    const twin = { twin: { ansible_host: twinAddress } }
    before = (await fwRun(lab, ['preflight', '--output', 'json'], await inventory({}, twin))).json()
  })
  afterAll(() => lab.stop())

  it('help where they are carried out as printed, and break nothing else', async () => {
    const note = noteOf('many', /run `(ipset destroy [^`]+)` on that host/)
    expect(await lab.host('many').run(note)).toMatchObject({ code: 0, stderr: '' })
    const settings: Record<string, Vars> = {}
    for (const { name, cures } of ailing) {
      for (const [check, steps] of Object.entries(cures)) {
        for (const step of steps) {
          const found = await carryOut(name, step, toldOf(name, check), settings)
          settings[name] = merged(settings[name] ?? {}, found)
        }
      }
    }
    const elsewhere = await lab.host('many').run('ls -d /tmp/elsewhere')
    expect(elsewhere.code).toBe(0)

    const run = await fwRun(lab, ['apply', '--output', 'json'], await inventory(settings))
    expect(run.stderr).not.toContain('Warning')
    const { outcome, hosts } = run.json()
    const left = hosts.flatMap(({ host, checks }) =>
      checks
        .filter(({ id, result }) => result !== 'pass' && !accepted(host, id, settings))
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
      expect(run.stdout + run.stderr).toContain('remove: done, 1 of ')
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
    return { inRemedy: within(found?.remedy), inReason: within(found?.reason) }
  }

  function noteOf(name: string, pattern: RegExp): string {
    const notes = before.hosts.find(({ host }) => host === name)?.notes ?? []
    return partOf(notes.join('\n'), pattern, `notes of ${name}`)
  }

  /** Options of a run with an inventory of all hosts, where some have further settings. */
  async function inventory(
    settings: Readonly<Record<string, Vars>>,
    more: Readonly<Record<string, Vars>> = {},
  ): Promise<RunOptions> {
    const hosts = lab.hosts.map(({ name, address }) => {
      const own = ailing.find((one) => one.name === name)?.vars
      return [name, { ansible_host: address, ...own, ...settings[name] }] as const
    })
    const inside = hosts.filter(([, vars]) => !isOutside(vars))
    const outside = hosts.filter(([, vars]) => isOutside(vars))
    const text = stringify({
      all: {
        vars: { ansible_user: 'ops', fw_interface: 'ens18' },
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

function accepted(host: string, id: string, settings: Readonly<Record<string, Vars>>): boolean {
  const own = settings[host]?.fw_accept
  return (
    staying.has(`${id} of any`) ||
    staying.has(`${id} of ${host}`) ||
    (Array.isArray(own) && own.includes(id))
  )
}
