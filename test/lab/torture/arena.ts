import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { GuardKind } from '../../../src/agent/agent.ts'
import { startSystemd } from '../boot/reboot.ts'
import type { LabHost } from '../host.ts'
import { type Lab, startLab } from '../lab.ts'
import { type Firewall, readFirewall, restoreFirewall } from './firewall.ts'
import { installHooks } from './hooks.ts'
import { type HostView, viewHost } from './host-view.ts'
import type { Configuration } from './trial.ts'

/** One host of an arena: the lab's handle on it, and the view from outside. */
export interface ArenaHost {
  readonly lab: LabHost
  readonly view: HostView
  /** How it was before anybody did anything. */
  readonly base: Firewall
}

/** A lab in which one trial follows another. */
export interface Arena {
  readonly lab: Lab
  readonly hosts: readonly ArenaHost[]
  /** Where the inventory lies on the jump host. */
  readonly inventory: string
  /** Seconds that this machine may add to what is promised. */
  readonly slack: number
}

/** Brings up the hosts of a configuration with hooks before their tools. */
export async function openArena(
  configuration: Configuration,
  slack: number,
  guard: GuardKind,
  persist: boolean,
): Promise<Arena> {
  const lab = await startLab({ hosts: configuration })
  const hosts = await Promise.all(
    lab.hosts.map(async (host): Promise<ArenaHost> => {
      await installHooks(host)
      if (persist) await startSystemd(host)
      const view = viewHost(lab, host)
      return { lab: host, view, base: await readFirewall(view) }
    }),
  )
  const secret = { ansible_become_password: 'ops-password' }
  const needing = lab.hosts.filter(({ spec }) => spec.login === 'sudo-password')
  const secrets = Object.fromEntries(needing.map(({ name }) => [name, secret]))
  const vars = { fw_guard: guard, fw_persist: persist, fw_service_cidrs: ['10.43.0.0/16'] }
  const yaml = lab.inventoryYaml({ vars, hosts: secrets })
  const inventory = await lab.file('inventory.yaml', yaml)
  return { lab, hosts, inventory, slack }
}

/** Puts the firewalls of all hosts to these, one for each. */
export async function restoreAll(arena: Arena, firewalls: readonly Firewall[]): Promise<void> {
  await Promise.all(
    arena.hosts.map(async ({ view, base }, at) => restoreFirewall(view, firewalls[at] ?? base)),
  )
}

/** The firewalls of all hosts, read from outside. */
export function readAll(arena: Arena): Promise<readonly Firewall[]> {
  return Promise.all(arena.hosts.map(({ view }) => readFirewall(view)))
}

/** What lies in /run/fw-run of a host, and in its lock; empty if there is neither. */
export function leftFiles(view: HostView): readonly string[] {
  const room = view.path('/run/fw-run')
  if (!existsSync(room)) return []
  try {
    return ['.', ...readdirSync(room, { recursive: true, encoding: 'utf8' })]
  } catch {
    return ['.']
  }
}

/** Whether a host is locked by any run, dead or alive. */
export function isLocked(view: HostView): boolean {
  return existsSync(view.path('/run/fw-run/lock'))
}

/** Whether the lock of a host says that its change will stay. */
export function saysCommitted(view: HostView): boolean {
  return leftFiles(view).some((file) => file.startsWith('lock/committed'))
}

/** The lines that the journals of a trial hold, oldest first. `state` is its XDG_STATE_HOME on the jump host. */
export function journalLines(arena: Arena, state: string): readonly string[] {
  const directory = `/proc/${arena.lab.pid}/root${state}/fw-run/runs`
  if (!existsSync(directory)) return []
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
  return files.flatMap((name) =>
    readFileSync(`${directory}/${name}`, 'utf8').split('\n').filter(Boolean),
  )
}
