import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostAt, type LabHost } from './host.ts'
import { type Inside, insideOf } from './inside.ts'
import { type InventoryOverrides, renderInventory } from './inventory.ts'
import { type Place, placeAt } from './place.ts'
import { ensureRequirements } from './requirements.ts'
import { type LabSpec, planHosts, renderSpec } from './spec.ts'

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

const HOME = '/dev/shm/jump'
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** Brings up a lab; rejects with what a host or this machine said if it cannot. */
export async function startLab(spec: LabSpec): Promise<Lab> {
  await ensureRequirements()
  const planned = planHosts(spec)
  const root = await startCluster(renderSpec(planned, spec.podRouting ?? 'vxlan'))
  const inside = insideOf(root.pid, HOME, environment())

  const hosts = planned.map((host) => hostAt(inside, host))
  const jump = placeAt(inside, 'jump', '192.168.64.1', [])
  const hostOf = (wanted: (host: LabHost) => boolean): LabHost => {
    const host = hosts.find(wanted)
    if (host === undefined) throw new Error('No such host in this lab.')
    return host
  }
  return {
    pid: root.pid,
    hosts,
    jump: { ...jump, home: HOME, spawn: inside.spawn },
    outsider: placeAt(inside, 'outsider', '192.168.67.200', ['outsider']),
    host: (name) => hostOf((host) => host.name === name),
    pod: (index) => hostOf((host) => host.spec.index === index).pod,
    inventoryYaml: (overrides) => renderInventory(planned, overrides),
    file: async (name, text) => {
      const path = `${HOME}/${name}`
      const script = 'mkdir -p "$(dirname "$1")" && cat >"$1"'
      const answer = await inside.run(['sh', '-c', script, 'sh', path], { stdin: text })
      if (answer.code !== 0) throw new Error(`Cannot write ${path}: ${answer.stderr}`)
      return path
    },
    stop: root.stop,
  }
}

type Root = { readonly pid: number; stop(): Promise<void> }

async function startCluster(spec: string): Promise<Root> {
  const script = fileURLToPath(new URL('./cluster.sh', import.meta.url))
  const child = spawn(
    'unshare',
    [
      ...['--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', script],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const gone = once(child, 'close')
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString()
  })
  child.stdin.on('error', () => {})
  child.stdin.write(spec)

  const ready = once(child.stdout, 'data').then(() => true)
  if (!(await Promise.race([ready, gone.then(() => false)]))) {
    throw new Error(`The lab did not come up.\n${complaints}`)
  }
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(timer)
    },
  }
}

function environment(): Record<string, string> {
  const path = [
    '/dev/shm/bin',
    dirname(process.execPath),
    ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  ]
  return {
    PATH: path.join(':'),
    HOME,
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: process.env.TERM ?? 'dumb',
    LAB_REPOSITORY: REPOSITORY,
  }
}
