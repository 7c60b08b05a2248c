import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { GuardKind, OpenChange } from '../../src/agent/agent.ts'
import { readState } from '../../src/facts/state.ts'
import { undoOf } from '../../src/plan/change.ts'
import { eventually } from '../eventually.ts'
import { mangleIntent } from '../guard/mangle-intent.ts'
import { type Started, startedIn, straceArguments } from '../processes-started.ts'
import { changesFor, stateOf, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'

type Request = 'facts' | 'apply' | 'rollback' | 'commit'

/**
 * How many processes and programs a request may start. It starts as many today, and three more where the kernel must be
 * asked for modules of iptables. Lower it when the agent learns to do with fewer.
 */
const most: Readonly<Record<GuardKind, Readonly<Record<Request, Started>>>> = {
  forward: {
    facts: { forks: 13, programs: 11 },
    apply: { forks: 13, programs: 13 },
    rollback: { forks: 11, programs: 10 },
    commit: { forks: 4, programs: 3 },
  },
  nft: {
    facts: { forks: 12, programs: 11 },
    apply: { forks: 9, programs: 9 },
    rollback: { forks: 9, programs: 8 },
    commit: { forks: 4, programs: 3 },
  },
  mangle: {
    facts: { forks: 13, programs: 12 },
    apply: { forks: 26, programs: 26 },
    rollback: { forks: 26, programs: 25 },
    commit: { forks: 4, programs: 3 },
  },
}

/** What a whole run starts besides: sshd three times, sudo and the shell; sshd for the new connection before the decision. */
const besides = 6

const owner = { run: 'run-1', who: 'test' }
const set = 'cluster_nodes'

const table = `chain prerouting { type filter hook prerouting priority -155; policy accept
  iifname "ens18" ip daddr 10.42.0.0/16 ip saddr != { 192.0.2.11, 192.0.2.12 } counter reject
}`

/** Guards a fresh host, rolls that back, guards it again and commits; gives what each request started there. */
async function startedOn(host: Host, guard: GuardKind): Promise<Record<Request, Started>> {
  furnish(host, cases[0]?.script ?? '')
  // The kernel loads nat for the first who asks, as kube-proxy does.
  host.run('iptables -t nat -S')
  const conversation = await talkTo(host, owner.run, owner.who, 30, (program) => program, guard)
  const { agent, pid } = conversation
  const folder = mkdtempSync(join(tmpdir(), 'fw-run-processes-'))
  const file = join(folder, 'trace')
  const told = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  await eventually(() => expect(told('comm')).toBe('dash\n'))
  const tracer = spawn('strace', straceArguments(`${pid}`, file), { stdio: 'ignore' })
  const gone = once(tracer, 'exit')
  try {
    await eventually(() => expect(told('status')).toContain(`TracerPid:\t${tracer.pid}\n`))
    let before: Started = { forks: 0, programs: 0 }
    // The process that waits for the next request is the last that a request starts, after its answer. Descriptor 9 tells it.
    const waits = (): void => {
      const children = told(`task/${pid}/children`).trim().split(' ')
      expect(children.some((child) => existsSync(`/proc/${child}/fd/9`))).toBe(true)
    }
    const sinceThen = async (): Promise<Started> => {
      await eventually(waits)
      const all = startedIn(readFileSync(file, 'utf8'), pid)
      const since = { forks: all.forks - before.forks, programs: all.programs - before.programs }
      before = all
      return since
    }
    const answer = await agent.facts(set)
    if (answer.kind === 'lost') throw new Error(answer.reason)
    const facts = await sinceThen()
    const change = { set, owner, lease: 30, ...changeOf(answer.sections, guard) }
    expect(await agent.apply(change)).toMatchObject({ kind: 'applied' })
    const apply = await sinceThen()
    expect(await conversation.rollback()).toBe('rolled-back')
    const rollback = await sinceThen()
    expect(await agent.apply(change)).toMatchObject({ kind: 'applied' })
    await sinceThen()
    expect(await conversation.commit()).toBe('committed')
    return { facts, apply, rollback, commit: await sinceThen() }
  } finally {
    await conversation.leave()
    tracer.kill()
    await gone
    rmSync(folder, { recursive: true })
  }
}

/** What guards a host that was read. */
function changeOf(
  sections: Parameters<typeof readState>[0],
  guard: GuardKind,
): Pick<OpenChange, 'fingerprint' | 'changes' | 'undo'> {
  const fingerprint = sections.get('fingerprint')?.text.trim() ?? ''
  if (guard === 'nft') {
    return {
      fingerprint,
      changes: [{ kind: 'table', after: table }],
      undo: [{ kind: 'table', after: undefined }],
    }
  }
  const state = stateOf(readState(sections))
  const changes = changesFor(state, guard === 'mangle' ? mangleIntent : undefined)
  return { fingerprint, changes, undo: undoOf(changes) }
}

describe('the agent', () => {
  const it = itOnHost(shells.dash ?? [])

  it.for(['forward', 'nft', 'mangle'] as const)(
    'starts few processes for a request, with guard %s',
    async (guard, { host }) => {
      const started = await startedOn(host, guard)
      for (const [request, bound] of Object.entries(most[guard])) {
        const { forks, programs } = started[request as Request]
        // It must start some: else nothing was traced.
        expect(programs, `${request}: programs of ${JSON.stringify(started)}`).toBeGreaterThan(0)
        expect(forks, `${request}: forks of ${JSON.stringify(started)}`).toBeLessThanOrEqual(
          bound.forks,
        )
        expect(programs, `${request}: programs of ${JSON.stringify(started)}`).toBeLessThanOrEqual(
          bound.programs,
        )
      }
      if (guard === 'nft') {
        const forks = started.facts.forks + started.apply.forks + started.commit.forks
        expect(forks + besides).toBeLessThanOrEqual(30)
      }
    },
  )
})
