import { existsSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type Arena, leftFiles, readAll, restoreAll } from './arena.ts'
import { type Firewall, sameOurs } from './firewall.ts'
import { planCalls, releaseCalls } from './hooks.ts'
import { processesOf } from './processes.ts'

/** Mends all that trials break: links, tools, sshd, room on /run. What the product left stays as it is. */
export async function mend(arena: Arena): Promise<void> {
  await Promise.all(
    arena.hosts.map(async ({ lab, view }) => {
      if (existsSync(view.path('/usr/lib/lab/hook/plan'))) releaseCalls(view, 64, [])
      planCalls(view, undefined)
      await lab.linkUp()
      await lab.emptyRun()
      await lab.startSshd()
    }),
  )
}

/** Clears away all that a trial left, and makes the firewalls these. Rejects if a host is not clean after that. */
export async function reset(arena: Arena, firewalls: readonly Firewall[]): Promise<void> {
  await mend(arena)
  for (const { view } of arena.hosts) {
    for (let tries = 0; tries < 100 && processesOf(view).length > 0; tries++) {
      for (const { pid } of processesOf(view)) kill(pid)
      await delay(20)
    }
    rmSync(view.path('/run/fw-run'), { recursive: true, force: true })
  }
  await restoreAll(arena, firewalls)
  const found = await readAll(arena)
  arena.hosts.forEach(({ view }, at) => {
    const [wanted, now] = [firewalls[at], found[at]]
    const clean = wanted && now && wanted.rules === now.rules && sameOurs(wanted, now, true)
    const left = [...processesOf(view).map(({ command }) => command), ...leftFiles(view)]
    if (!clean || left.length > 0) {
      throw new Error(
        `${view.name} could not be reset: ${left.join(', ')}\n${now?.ours.join('\n')}`,
      )
    }
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone by itself.
  }
}
