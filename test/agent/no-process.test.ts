import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { parseNote } from '../../src/agent/host-note.ts'
import { eventually } from '../eventually.ts'
import { type Conversation, changesFor, talkTo } from './conversation.ts'
import { cases, furnish } from './firewall-cases.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'
import { limitProcesses } from './process-limit.ts'
import { quick, sleeping, slow } from './slow-iptables.ts'

const [fresh, , drifted] = cases
const signature = 'cat /run/fw-run/lock/watchdog'

/** A host with an open change, and the process of its watchdog, which is its session, too. */
async function changed(
  host: Host,
  { lease = 300, edit = (program: string): string => program, from = fresh } = {},
): Promise<{ before: string; agent: Conversation; dog: number }> {
  furnish(host, from?.script ?? '')
  const before = host.firewall()
  const agent = await talkTo(host, 'run-1', 'test', lease, edit)
  const state = await agent.state()
  expect(await agent.apply(state, changesFor(state, from?.wanted))).toBe('applied')
  expect(host.firewall()).not.toBe(before)
  return { before, agent, dog: Number(host.run(signature).split(' ')[0]) }
}

/** Waits until a host is as it was. */
async function isAsBefore(host: Host, before: string): Promise<void> {
  await eventually(() => expect(host.firewall()).toBe(before))
  await eventually(() => expect(host.leftovers()).toBe(''))
}

/** Waits until a watchdog has come back, with what it had seen before: the last sign of life, and why it rolls back. */
async function comesBack(dog: number, cause = ''): Promise<void> {
  const words = (): readonly string[] => readFileSync(`/proc/${dog}/cmdline`, 'utf8').split('\0')
  await eventually(() => {
    expect(words().length).toBeGreaterThan(12)
    expect(words().at(-3)).toContain(cause)
  })
}

const rollsBack = 'session-ended'

describe.concurrent.each(Object.entries(shells))(
  'where no process can be started, under %s',
  (_shell, command) => {
    const it = itOnHost(command)
    const pause = '308.7'

    it('the watchdog goes on watching', async ({ host, onTestFinished }) => {
      const { before, agent, dog } = await changed(host)
      const signed = host.run(signature)
      const limit = limitProcesses(onTestFinished)
      limit.hold(dog)
      limit.refuse()
      await comesBack(dog)
      expect(await agent.renew()).toBe('renewed')
      expect(host.run(signature)).toBe(signed)
      limit.allow()
      process.kill(agent.pid, 'SIGKILL')
      await isAsBefore(host, before)
      expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'session-ended' } })
    })

    it('the agent ends and says why, and the host still rolls back', async ({
      host,
      onTestFinished,
    }) => {
      const { before, agent, dog } = await changed(host)
      const limit = limitProcesses(onTestFinished)
      for (const session of [agent.pid, dog]) limit.hold(session)
      limit.refuse()
      await expect(agent.renew()).rejects.toThrow(/could not start another process/)
      await comesBack(dog, rollsBack)
      expect(host.firewall()).not.toBe(before)
      limit.allow()
      await isAsBefore(host, before)
    })

    it('the watchdog remembers when it last saw a sign of life, and that its time has come', async ({
      host,
      onTestFinished,
    }) => {
      const { before, dog } = await changed(host, { lease: 8 })
      const limit = limitProcesses(onTestFinished)
      limit.hold(dog)
      limit.refuse()
      await comesBack(dog, 'unheard')
      limit.allow()
      await isAsBefore(host, before)
      expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'unheard', seconds: 8 } })
    })

    it('a rollback that has begun is begun again until it is done', async ({
      host,
      onTestFinished,
    }) => {
      const { before, agent, dog } = await changed(host)
      slow(host, '-D', pause)
      const limit = limitProcesses(onTestFinished)
      process.kill(agent.pid, 'SIGKILL')
      await eventually(() => expect(sleeping(host, pause)).not.toBe(''))
      limit.hold(dog)
      limit.refuse()
      // The rule goes, and with the next step there is no process.
      process.kill(Number(sleeping(host, pause)))
      await comesBack(dog, rollsBack)
      quick(host)
      limit.allow()
      await isAsBefore(host, before)
      expect(parseNote(host.note())).toMatchObject({ cause: { kind: 'session-ended' } })
    })

    it('the clock of the watchdog comes back, and ends what hangs', async ({
      host,
      onTestFinished,
    }) => {
      const { before, agent, dog } = await changed(host, { edit: patient })
      slow(host, '-D', pause)
      const limit = limitProcesses(onTestFinished)
      process.kill(agent.pid, 'SIGKILL')
      const session = (): string => execFileSync('ps', ['-o', 'args=', '-s', `${dog}`]).toString()
      await eventually(() => expect(session()).toContain(`sleep ${pause}`))
      limit.hold(dog)
      limit.refuse()
      await eventually(() => expect(session()).toMatch(/ lasting_clock \d+ again/))
      quick(host)
      limit.allow()
      await isAsBefore(host, before)
    })

    it('the agent has a clock again when it is asked next', async ({ host }) => {
      furnish(host, fresh?.script ?? '')
      const agent = await talkTo(host, 'run-1', 'test', 30, impatient)
      const state = await agent.state()
      const pausing = `ps -o ppid=,args= -s ${agent.pid} | sed -n 's/^ *\\([0-9]*\\) sleep 3$/\\1/p'`
      let clock = ''
      await eventually(() => {
        clock = host.run(pausing).trim()
        expect(clock).not.toBe('')
      })
      process.kill(Number(clock), 'SIGKILL')
      // Where the machine is busy, it dies a little later.
      const seen = `ps -o stat= -p ${clock} || :`
      await eventually(() => expect(host.run(seen)).toMatch(/^(Z.*)?\n?$/))
      slow(host, '-I', pause)
      expect(await agent.apply(state, changesFor(state))).toMatch(/it did not end within 2 s/)
      quick(host)
      expect(await agent.rollback()).toBe('rolled-back')
      await agent.leave()
    })
  },
)

/** The agent, with more or less patience for its tools. */
const patient = (program: string): string => program.replace('\nlimit=20\n', '\nlimit=30\n')
const impatient = (program: string): string => program.replace('\nlimit=20\n', '\nlimit=2\n')

const lesser = Object.entries(shells).filter(([shell]) => !shell.startsWith('bash'))

describe.concurrent.each(lesser)(
  'where no process can be started, without bash, under %s',
  (_, command) => {
    itOnHost(command)('the watchdog goes on', async ({ host, onTestFinished }) => {
      host.run('mount --bind /dev/null /usr/bin/bash')
      const { before, agent, dog } = await changed(host)
      const limit = limitProcesses(onTestFinished)
      limit.hold(dog)
      limit.refuse()
      process.kill(agent.pid, 'SIGKILL')
      await comesBack(dog, rollsBack)
      limit.allow()
      await isAsBefore(host, before)
    })
  },
)

itOnHost(shells.dash ?? [])(
  'a set is not taken for the wanted one when its members cannot be compared',
  async ({ host }) => {
    const { before, agent } = await changed(host, { from: drifted })
    host.run("printf '#!/bin/sh\\nexit 2\\n' >/usr/local/sbin/sort; chmod +x /usr/local/sbin/sort")
    process.kill(agent.pid, 'SIGKILL')
    await eventually(() =>
      expect(parseNote(host.note())).toMatchObject({ kind: 'not-rolled-back' }),
    )
    host.run('rm /usr/local/sbin/sort')
    await isAsBefore(host, before)
  },
)
