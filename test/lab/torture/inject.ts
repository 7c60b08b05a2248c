import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { shutDown, startPods, startUp } from '../boot/reboot.ts'
import type { Arena, ArenaHost } from './arena.ts'
import { writeOthers } from './firewall.ts'
import { type Anatomy, anatomyOf, type HostProcess, processesOf } from './processes.ts'
import { type RunEnd, type Runner, startRunner } from './runner.ts'
import type { Damage, Trial } from './trial.ts'

/** A damage that was done, and what still follows from it. */
export interface Done {
  readonly damage: Damage
  /** When it was done, on this process's clock. */
  readonly at: number
  /** Resolves when it is over, but for what only `mend` mends. */
  readonly over: Promise<unknown>
  /** Whether a watchdog was there on each host to act in place of an agent that was killed. */
  readonly watched?: boolean
  /** Another run of the product that it started. */
  readonly second?: Promise<RunEnd>
}

/** What a damage is done to. */
export interface Scene {
  readonly arena: Arena
  readonly runner: Runner
  readonly trial: Trial
  readonly state: string
}

/** Does the damage. */
export async function inject(damage: Damage, scene: Scene): Promise<Done> {
  const { arena, runner, trial, state } = scene
  const victims = 'hosts' in damage ? damage.hosts.flatMap((at) => arena.hosts[at] ?? []) : []
  const each = (act: (host: ArenaHost) => unknown): Promise<unknown> =>
    Promise.all(victims.map(act))
  const over = Promise.resolve()
  const now = (): Done => ({ damage, at: performance.now(), over })
  switch (damage.kind) {
    case 'runner-killed':
      runner.signal('SIGKILL')
      return now()
    case 'runner-stopped': {
      runner.signal('SIGSTOP')
      const asleep = delay((trial.lease + damage.beyondLease) * 1000)
      return { ...now(), over: asleep.then(() => runner.signal('SIGCONT')) }
    }
    case 'interrupted':
      runner.signal('SIGINT')
      if (damage.twice) {
        await delay(100)
        runner.signal('SIGINT')
      }
      return now()
    case 'reset':
      await each(({ lab }) => lab.resetConnections())
      return now()
    case 'cut': {
      await each(({ lab }) => lab.linkDown())
      const { seconds } = damage
      if (seconds === 'for good') return now()
      return { ...now(), over: delay(seconds * 1000).then(() => each(({ lab }) => lab.linkUp())) }
    }
    case 'sshd-killed':
      await each(({ lab }) => lab.killSshd())
      return now()
    case 'ssh-killed': {
      const { jump } = arena.lab
      const of = ({ lab }: ArenaHost) => `^ssh -N .*ControlMaster=yes .* -- ${lab.address}$`
      const killed =
        damage.which === 'client' ? ['^ssh -F none .* -- fw-run exec '] : victims.map(of)
      await Promise.all(killed.map((words) => jump.run(`pkill -KILL -f '${words}'`)))
      return now()
    }
    case 'agent-killed': {
      const watched = victims.every((host) => watchdogsOf(host).length > 0)
      await each(({ view }) => end(anatomyOf(processesOf(view)).agents))
      return { ...now(), watched }
    }
    case 'session-killed': {
      const watched = victims.every((host) => watchdogsOf(host).length > 0)
      await each((host) => end(sessionOf(host)))
      return { ...now(), watched }
    }
    case 'watchdog-killed':
      await each((host) => end(watchdogsOf(host)))
      return now()
    case 'both-killed':
      await each((host) => end([...watchdogsOf(host), ...sessionOf(host)]))
      return now()
    case 'run-full':
      await each(({ lab }) => lab.fillRun())
      return now()
    case 'xtables-lock':
      return { ...now(), over: each(({ lab }) => holdLock(arena, lab.name, damage.seconds)) }
    case 'guard-flushed':
      await each(({ lab }) => lab.run(flushing[damage.guard]))
      return now()
    case 'rebooted':
      await each(async ({ lab, view, base }) => {
        await shutDown(lab)
        await startUp(lab)
        await startPods(lab)
        await writeOthers(view, base)
      })
      return now()
    case 'second-runner': {
      const second = startRunner(arena, [damage.command], state, trial.transport).ended
      return { ...now(), over: second, second }
    }
  }
}

/** Past the hooks, as another program would: not every rule of others, which the trial has to find as it left them. */
const flushing = {
  nft: '/usr/sbin/nft flush ruleset',
  mangle: `/usr/sbin/iptables -w -t mangle -D PREROUTING -i ens18 -j FW-RUN
    /usr/sbin/iptables -w -t mangle -F FW-RUN`,
} as const

function sessionOf({ view }: ArenaHost): readonly HostProcess[] {
  const { sessions, logins }: Anatomy = anatomyOf(processesOf(view))
  return [...sessions, ...logins]
}

function watchdogsOf({ view }: ArenaHost): readonly HostProcess[] {
  return anatomyOf(processesOf(view)).watchdogs
}

function end(processes: readonly HostProcess[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has gone by itself.
    }
  }
}

/**
 * Waits for the lock of iptables-legacy, holds it for this number of seconds, and resolves when it lets go.
 * The process that holds it has its parent outside of the host.
 */
async function holdLock(arena: Arena, host: string, seconds: number): Promise<void> {
  const words = ['/usr/bin/flock', '-F', '/run/xtables.lock', '/usr/bin/sleep', `${seconds}`]
  await once(arena.lab.jump.spawn(['on', host, ...words], { stdio: 'ignore' }), 'exit')
}
