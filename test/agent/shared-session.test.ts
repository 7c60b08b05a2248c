import { existsSync, readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { eventually } from '../eventually.ts'
import { intent } from '../plan/host-state.ts'
import { type Conversation, changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'
import { quick, sleeping, slow } from './slow-iptables.ts'

const owner = { run: 'run-1', who: 'test' }

/** The agent, with less patience for its tools. */
const impatient = (program: string): string => program.replace('\nlimit=20\n', '\nlimit=2\n')

/** Two agents of one run in the session of their SSH server. `others` are that server, and what else it serves. */
interface Served {
  readonly before: string
  readonly one: Conversation
  readonly other: Conversation
  /** Fails where one of the others was ended. */
  spares(): void
}

async function served(host: Host, lease = 30, edit = impatient): Promise<Served> {
  furnish(host, cases[0]?.script ?? '')
  const before = host.firewall()
  const { leader, shells } = host.sharedSession()
  const stranger = (): string => host.run(`pgrep -s ${leader} -x cat || :`)
  await eventually(() => expect(stranger()).not.toBe(''))
  const first = stranger()
  const [one, other] = await Promise.all(
    shells.map(async (shell) => {
      const agent = await talkTo(host, owner.run, owner.who, lease, edit, 'forward', shell)
      await agent.facts()
      return agent
    }),
  )
  if (!one || !other) throw new Error('no two shells')
  for (const { pid } of [one, other].map(processOf)) expect(sessionOf(pid)).toBe(`${leader}`)
  return {
    ...{ before, one, other },
    spares() {
      expect(existsSync(`/proc/${leader}/exe`)).toBe(true)
      expect(stranger()).toBe(first)
    },
  }
}

function processOf({ agent }: Conversation): { readonly pid: number } {
  return { pid: Number(agent.process()?.pid) }
}

function sessionOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[5]
}

describe.concurrent.each(Object.entries(shells))(
  'an agent in the session of its SSH server, under %s,',
  (_shell, command) => {
    const it = itOnHost(command)
    const pause = '310.5'

    it('is rolled back by its watchdog when it dies, and nobody else is ended', async ({
      host,
    }) => {
      const { before, one, other, spares } = await served(host)
      const state = await one.state()
      expect(await one.apply(state, changesFor(state))).toBe('applied')
      process.kill(processOf(one).pid, 'SIGKILL')
      await eventually(() => expect(host.firewall()).toBe(before))
      await eventually(() => expect(host.leftovers()).toBe(''))
      spares()
      await other.facts()
      await other.leave()
    })

    it('is ended by its watchdog when it hears nothing, and nobody else is', async ({ host }) => {
      const { before, one, other, spares } = await served(host, 8)
      const state = await one.state()
      expect(await one.apply(state, changesFor(state))).toBe('applied')
      await eventually(() => expect(host.firewall()).toBe(before))
      await eventually(() => expect(host.leftovers()).toBe(''))
      await expect(one.facts()).rejects.toThrow('lost')
      spares()
      await other.facts()
      await other.leave()
    })

    it('that leads its process group leaves no tool behind when it dies', async ({ host }) => {
      const patient = (program: string): string => program.replace('\nlimit=20\n', '\nlimit=300\n')
      const { before, one, other, spares } = await served(host, 300, patient)
      slow(host, '-I', pause)
      const state = await other.state()
      const lost = expect(other.apply(state, changesFor(state))).rejects.toThrow('lost')
      await eventually(() => expect(sleeping(host, pause)).not.toBe(''))
      process.kill(processOf(other).pid, 'SIGKILL')
      quick(host)
      await lost
      await eventually(() => expect(host.firewall()).toBe(before))
      await eventually(() => expect(host.leftovers()).toBe(''))
      expect(sleeping(host, pause)).toBe('')
      spares()
      await one.facts()
      await one.leave()
    })

    it('has a clock that ends its tools only', async ({ host }) => {
      const { before, one, other, spares } = await served(host)
      slow(host, '-I', pause)
      const state = await one.state()
      expect(await one.apply(state, changesFor(state))).toMatch(/it did not end within 2 s/)
      await eventually(() => expect(sleeping(host, pause)).toBe(''))
      expect(await one.rollback()).toBe('rolled-back')
      expect(host.firewall()).toBe(before)
      spares()
      await other.facts()
      await one.leave()
      await other.leave()
    })

    it('is ended by a new agent of its run, so that no request of it is carried out later', async ({
      host,
    }) => {
      const { before, one, other, spares } = await served(host)
      const state = await one.state()
      expect(await one.apply(state, changesFor(state))).toBe('applied')
      expect(await one.rollback()).toBe('rolled-back')
      const again = await one.state()
      const { pid } = processOf(one)
      process.kill(pid, 'SIGSTOP')
      const late = one.apply(again, changesFor(again))
      const lost = expect(late).rejects.toThrow('lost')
      expect(await other.agent.rollBack(intent.set, owner, one.agent.process())).toMatchObject({
        kind: 'rolled-back',
      })
      expect(existsSync(`/proc/${pid}/exe`)).toBe(false)
      await lost
      expect(host.firewall()).toBe(before)
      spares()
      await other.leave()
      expect(host.leftovers()).toBe('')
    })

    it('that holds the host is ended by a new agent of its run, which commits', async ({
      host,
    }) => {
      const { one, other, spares } = await served(host)
      const state = await one.state()
      expect(await one.apply(state, changesFor(state))).toBe('applied')
      const applied = host.firewall()
      process.kill(processOf(one).pid, 'SIGSTOP')
      expect(await other.commit()).toBe('committed')
      await expect(one.facts()).rejects.toThrow('lost')
      expect(host.firewall()).toBe(applied)
      spares()
      await other.leave()
    })
  },
)
