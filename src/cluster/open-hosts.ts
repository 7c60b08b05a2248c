import { setTimeout as delay } from 'node:timers/promises'
import { type Agent, startAgent } from '../agent/agent.ts'
import { messageOf } from '../errors.ts'
import { type HostFacts, readFacts } from '../facts/host-facts.ts'
import type { InventoryHost } from '../inventory/inventory.ts'
import { closingMs } from '../limits.ts'
import { type Finding, fail, ownFault } from '../preflight/check.ts'
import { sessionFindings } from '../preflight/session-findings.ts'
import type { Run } from '../runs/run.ts'
import { openSession, type Session } from '../ssh/session.ts'
import { readLogOfSshd } from '../ssh/session-fault.ts'
import { eitherSignal } from '../waiting/either-signal.ts'
import { beginInTurns, inTurns } from '../waiting/event-loop-turn.ts'
import { unlessAborted } from '../waiting/unless-aborted.ts'
import type { Opener } from './opener.ts'
import { refuseTwins } from './opening/one-machine.ts'

/** A host with the agent at work on it. `close` ends agent and connection. */
export interface Link {
  readonly agent: Agent
  close(): Promise<void>
}

/** A host after the attempt to open it: with a link and its facts, or with the finding that says why not. */
export interface OpenedHost {
  readonly host: InventoryHost
  readonly findings: readonly Finding[]
  readonly link: Link | undefined
  readonly facts: HostFacts | undefined
}

/**
 * Opens all hosts at once and reads the facts of each as soon as it is open. No host stops another. Hosts that are one
 * machine get a failed check. A fault of the invocation is thrown once the sessions that are open already are closed.
 * `twice`: if a host does not answer, fw-run dials it a second time. One forged packet can make a host look unreachable.
 */
export async function openHosts(
  hosts: readonly InventoryHost[],
  opener: Opener,
  run: Run,
  twice = false,
): Promise<readonly OpenedHost[]> {
  const first = await openAll(hosts, opener, run)
  const silent = twice && !run.signal.aborted ? first.filter(isSilent) : []
  if (silent.length === 0) return refuseTwins(first)
  try {
    const again = await openAll(
      silent.map(({ host }) => host),
      opener,
      run,
    )
    const now = new Map(again.map((one) => [one.host.name, one]))
    return refuseTwins(first.map((one) => now.get(one.host.name) ?? one))
  } catch (error) {
    await closeHosts(first)
    throw error
  }
}

/** Whether a host has answered nothing at all. */
export function isSilent({ findings }: OpenedHost): boolean {
  return findings.some(({ silent }) => silent)
}

async function openAll(
  hosts: readonly InventoryHost[],
  opener: Opener,
  run: Run,
): Promise<readonly OpenedHost[]> {
  const names = hosts.map(({ name }) => name)
  const about = { hosts: names.length, names, seconds: opener.timeout }
  run.emit({ kind: 'phase-started', phase: 'connect', ...about })
  const stop = new AbortController()
  const stoppable = { ...run, signal: eitherSignal(run.signal, stop.signal) }
  const tried = await Promise.allSettled(
    hosts.map((host) =>
      run.atATime(async () => {
        try {
          return await openHost(host, opener, stoppable)
        } catch (error) {
          stop.abort()
          throw error
        }
      }),
    ),
  )
  const opened = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const thrown = tried.find(({ status }) => status === 'rejected')
  if (thrown?.status === 'rejected') {
    await closeHosts(opened)
    throw thrown.reason
  }
  run.emit({ kind: 'phase-ended', phase: 'connect' })
  return opened
}

async function openHost(host: InventoryHost, opener: Opener, run: Run): Promise<OpenedHost> {
  const found = await connectHost(host, opener, run.signal)
  const fault = found.findings.find(({ result }) => result.kind === 'fail')?.result
  // An interruption came first: nothing is known of this host, neither good nor bad.
  if (!fault && !found.facts) return found
  try {
    run.emit({
      kind: 'host-done',
      phase: 'connect',
      host: host.name,
      ok: fault === undefined,
      ...(fault && 'reason' in fault && { detail: fault.reason }),
    })
  } catch (error) {
    await found.link?.close()
    throw error
  }
  return found
}

async function connectHost(
  host: InventoryHost,
  opener: Opener,
  signal: AbortSignal,
): Promise<OpenedHost> {
  const nothing = { host, link: undefined, facts: undefined }
  const open = async () =>
    openSession(await opener.dial(host), { timeoutSeconds: opener.timeout, signal })
  const first = await open()
  const { lacks, bastionLogin } = first.kind === 'failed' ? first.fault : {}
  const isForSsh = lacks !== undefined || bastionLogin === 'by-ssh'
  const opened = isForSsh && (await opener.leaveToSsh(host, lacks)) ? await open() : first
  // An interruption is no finding about the host.
  if (opened.kind === 'failed') {
    return {
      ...nothing,
      findings: signal.aborted ? [] : sessionFindings(opened.fault, host.isLocal),
    }
  }
  const link = linkTo(opened.session, opener, host)
  try {
    return await readHost(host, link, signal)
  } catch (error) {
    await link.close()
    throw error
  }
}

/** Reads the facts of a host through its new session. Closes that where they cannot be read. */
async function readHost(host: InventoryHost, link: Link, signal: AbortSignal): Promise<OpenedHost> {
  const nothing = { host, link: undefined, facts: undefined }
  const findings = sessionFindings(undefined, host.isLocal)
  const reply = await unlessAborted(link.agent.facts(host.settings.set), signal)
  if (reply?.kind === 'facts') {
    const facts = await factsOf(reply.sections, host.name)
    if ('tools' in facts) return { host: withChosenGuard(host, facts), findings, link, facts }
    await link.close()
    return { ...nothing, findings: [...findings, facts] }
  }
  await link.close()
  if (!reply) return { ...nothing, findings }
  const result = fail(
    `the session ended before fw-run had read the facts: ${reply.reason}`,
    `Run the same command again. If it happens again: ${readLogOfSshd}`,
  )
  const lost = { id: 'facts', result, unreachable: true } as const
  return { ...nothing, findings: [...findings, lost] }
}

/** A host of which the inventory leaves the guard open, with the one that it took. */
function withChosenGuard(host: InventoryHost, { chosenGuard }: HostFacts): InventoryHost {
  return chosenGuard ? { ...host, settings: { ...host.settings, guard: chosenGuard.kind } } : host
}

/** What a host told, or the finding that our own reading of it failed: that costs this host only. */
async function factsOf(
  sections: Parameters<typeof readFacts>[0],
  host: string,
): Promise<HostFacts | Finding> {
  try {
    return await inTurns(() => readFacts(sections))
  } catch (error) {
    return { id: 'facts', result: ownFault(error, host) }
  }
}

/** Opens a new session to a host whose first one is lost. Never rejects. */
export async function reopen(
  host: InventoryHost,
  opener: Opener,
): Promise<Agent | { readonly unreachable: string }> {
  try {
    const opened = await openSession(await opener.dial(host), {
      timeoutSeconds: opener.timeout,
    })
    if (opened.kind === 'failed') return { unreachable: opened.fault.reason }
    const link = linkTo(opened.session, opener, host)
    return { ...link.agent, end: () => void link.close() }
  } catch (error) {
    return { unreachable: messageOf(error) }
  }
}

/** Reads the facts of open hosts again. */
export async function readAgain(
  opened: readonly OpenedHost[],
  run: Run,
): Promise<readonly OpenedHost[]> {
  return Promise.all(opened.map((one) => run.atATime(() => readHostAgain(one))))
}

/** Reads the facts of an open host again, `whole` or not. A lost one keeps its old facts; `agent.lost()` says so. */
export async function readHostAgain(one: OpenedHost, whole = false): Promise<OpenedHost> {
  const reply = await one.link?.agent.facts(one.host.settings.set, whole)
  if (reply?.kind !== 'facts') return one
  return { ...one, facts: await inTurns(() => readFacts(reply.sections)) }
}

/** Ends all agents and connections. An agent with an uncommitted change rolls it back first. */
export async function closeHosts(opened: readonly OpenedHost[]): Promise<void> {
  await beginInTurns(opened, async ({ link }) => link?.close())
}

function linkTo(
  session: Session,
  { requestSeconds, idle, changes }: Opener,
  { settings }: InventoryHost,
): Link {
  const agent = startAgent(session.shell, requestSeconds, idle, settings.guard, changes)
  return {
    agent,
    async close() {
      agent.end()
      const enough = new AbortController()
      const grace = delay(closingMs, undefined, { signal: enough.signal }).catch(() => undefined)
      await Promise.race([session.shell.ended, grace])
      enough.abort()
      session.close()
    },
  }
}
