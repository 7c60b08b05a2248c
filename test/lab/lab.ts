import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { renderBlueprint } from './blueprint.ts'
import { entrancesOf, HOME } from './entrances.ts'
import { hostAt, type LabHost } from './host.ts'
import { type Inside, insideOf } from './inside.ts'
import { type InventoryOverrides, renderInventory } from './inventory.ts'
import { sharedLayers } from './layers.ts'
import { type Place, placeAt } from './place.ts'
import { ensureRequirements } from './requirements.ts'
import { type LabSpec, planHosts } from './spec.ts'

/** The administrator's machine: on the subnet, not in the cluster, with the lab's key and known_hosts. */
export type JumpHost = Place & {
  /** Its HOME; it exists inside the lab only. */
  readonly home: string
  /** Starts a command with HOME and PATH, and nothing else of this process's environment. */
  spawn: Inside['spawn']
}

/** A cluster of real hosts that lives until `stop`, or until this process is gone. */
export type Lab = {
  /** The process that holds its namespaces, as this machine numbers it. */
  readonly pid: number
  readonly hosts: readonly LabHost[]
  readonly jump: JumpHost
  /** A machine on the subnet that is not in the cluster and routes each pod block to its host. */
  readonly outsider: Place
  /** The host of that name; throws if there is none. */
  host(name: string): LabHost
  /** The pod behind host number `index`, from 1. */
  pod(index: number): Place
  /** An Ansible inventory of all hosts. */
  inventoryYaml(overrides?: InventoryOverrides): string
  /** Writes a file into the jump host's home and returns its path there. */
  file(name: string, text: string): Promise<string>
  /** Ends every process of the lab, and resolves when all are gone. */
  stop(): Promise<void>
}

/** Brings up a lab; rejects with what a host or this machine said if it cannot. */
export async function startLab(spec: LabSpec): Promise<Lab> {
  await ensureRequirements()
  const planned = planHosts(spec)
  const layers = await sharedLayers()
  const blueprint = await renderBlueprint(planned, spec.podRouting ?? 'vxlan', layers)
  const root = await startCluster(layers, blueprint)
  const entrances = entrancesOf(root.pid)
  const inside = insideOf(entrances.jump)

  const hosts = planned.map((host) =>
    hostAt(inside, insideOf(entrances.host(host)), insideOf(entrances.pod(host)), host),
  )
  const hostOf = (wanted: (host: LabHost) => boolean): LabHost => {
    const host = hosts.find(wanted)
    if (host === undefined) throw new Error('No such host in this lab.')
    return host
  }
  return {
    pid: root.pid,
    hosts,
    jump: { ...placeAt(inside, 'jump', '192.168.64.1'), home: HOME, spawn: inside.spawn },
    outsider: placeAt(insideOf(entrances.outsider), 'outsider', '192.168.67.200'),
    host: (name) => hostOf((host) => host.name === name),
    pod: (index) => hostOf((host) => host.spec.index === index).pod,
    inventoryYaml: (overrides) => renderInventory(planned, overrides),
    file: async (name, text) => {
      const path = `${HOME}/${name}`
      mkdirSync(dirname(inside.path(path)), { recursive: true })
      writeFileSync(inside.path(path), text)
      return path
    },
    stop: root.stop,
  }
}

type Root = { readonly pid: number; stop(): Promise<void> }

async function startCluster(layers: string, blueprint: string): Promise<Root> {
  const script = fileURLToPath(new URL('./cluster.sh', import.meta.url))
  const child = spawn(
    'unshare',
    [
      ...['--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', script, layers],
    ],
    { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] },
  )
  const gone = once(child, 'close')
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  const order = child.stdio[3]
  order?.on('error', () => {})
  if (order instanceof Writable) order.end(blueprint)

  const ready = once(child.stdout ?? child, 'data').then(() => true)
  if (!(await Promise.race([ready, gone.then(() => false)]))) {
    throw new Error(`The lab did not come up.\n${complaints}`)
  }
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin?.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(timer)
    },
  }
}
