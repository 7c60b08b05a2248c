import { describe, expect, it } from 'vitest'
import { agentOver } from '../../../../src/agent/agent.ts'
import type { NewEvent } from '../../../../src/journal/event.ts'
import { beginRun } from '../../../../src/runs/run.ts'
import { planToSave, type SavedPlan } from '../../../../src/stages/changing/saved-plan.ts'
import { takeIn } from '../../../../src/stages/changing/transacting/participants.ts'
import { examineHosts } from '../../../../src/stages/examine.ts'
import { toRemove } from '../../../../src/stages/goal.ts'
import { openerToNobody } from '../../../cluster/opener-to-nobody.ts'
import { exactSet, forward, guard } from '../../../plan/host-state.ts'
import { factsWith, host, soundAnswer } from '../../../preflight/subject.ts'
import { runReport } from '../../../report/run.ts'

const table = (rules: readonly string[]): string =>
  `*filter\n:FORWARD DROP [0:0]\n:cali-FORWARD - [0:0]\n${rules.join('\n')}\nCOMMIT`
const guarded = { rules: table(forward([4, guard])), sets: exactSet }
const pushed = { ...guarded, rules: table(['-A FORWARD -j LOG', ...forward([4, guard])]) }

const inventory = {
  file: 'hosts.yaml',
  origin: 'hosts.yaml',
  hosts: [host],
  nodes: [host],
  hostsToProtect: [host],
  group: 'all',
  groups: new Map(),
  warnings: [],
  files: new Map(),
}

/** Takes in a host that is to be freed of our rule, and plans it again from what it answers then, if it does. */
async function planAgain(
  answer: Parameters<typeof soundAnswer>[0] | undefined,
  keep = async (_: NewEvent): Promise<void> => {},
  keepsToPlan = false,
  waves: readonly (readonly string[])[] = [[host.name]],
  unread = false,
  overtaken?: NonNullable<Parameters<typeof takeIn>[3]>['overtaken'],
  asked = false,
) {
  let lost: string | undefined
  const agent = agentOver({
    async request() {
      if (answer) return { kind: 'answered', sections: soundAnswer(answer) }
      lost = 'the connection was lost'
      return { kind: 'lost', sent: true, reason: lost, unheard: false }
    },
    requests: () => 1,
    lost: () => lost,
    end: () => {},
  })
  const view = { emit: () => {}, flushed: async () => {} }
  const run = beginRun('remove', 4, view, new AbortController().signal)
  run.journal.begin({ note: () => {}, keep, close: () => {}, number: () => 1 })
  const link = { agent, close: async () => {} }
  const opened = [{ host, findings: [], link, facts: factsWith(guarded) }]
  const opener = openerToNobody(true)
  const cluster = { inventory, hosts: [host], unfinished: [], opened, opener }
  const examined = await examineHosts(cluster, toRemove, 'change', run)
  const text = planToSave(runReport('pending', []), examined, run)?.() ?? ''
  const saved = keepsToPlan ? (JSON.parse(text) as SavedPlan) : undefined
  const hosts = examined.examined.map((one) => (unread ? { ...one, examined: undefined } : one))
  const conditions = { saved, overtaken, asked }
  const participants = takeIn({ ...examined, examined: hosts }, waves, run, conditions)
  await participants.begin(0)
  return { participants, planned: await participants.all[0]?.planAgain() }
}

describe('planning a host again', () => {
  it('goes by how it is now, which is on the disk before it is told', async () => {
    const kept: NewEvent[] = []
    const keep = async (event: NewEvent): Promise<void> => void kept.push(event)
    const { participants, planned } = await planAgain(pushed, keep)
    expect(planned).toMatchObject({ changes: [{ before: [{ position: 5 }] }, { kind: 'set' }] })
    expect(JSON.stringify(kept[1])).toContain('"position":5')
    expect(participants.hosts()).toMatchObject([
      { examined: { plan: { changes: [{ before: [{ position: 5 }] }, {}] } } },
    ])
  })

  it('keeps to a saved plan: what others changed meanwhile is not planned for', async () => {
    const { planned } = await planAgain(pushed, undefined, true)
    expect(planned).toEqual({
      kind: 'unfit',
      reason: 'the host is no longer as in the plan: changed since the plan was made: FORWARD',
    })
    expect((await planAgain(guarded, undefined, true)).planned).toHaveProperty('changes')
  })

  it('keeps to the plan that somebody said yes to, but for positions of rules, which others move', async () => {
    const askedAbout = (answer: Parameters<typeof soundAnswer>[0]) =>
      planAgain(answer, undefined, false, undefined, false, undefined, true)
    expect((await askedAbout(pushed)).planned).toMatchObject({ changes: [{}, {}] })
    const more = { ...pushed, sets: `${exactSet}\nadd cluster_nodes 192.0.2.77` }
    expect((await askedAbout(more)).planned).toEqual({
      kind: 'unfit',
      reason: expect.stringMatching(/not the one that you said yes to$/),
    })
    const done = { rules: table(forward()), sets: '' }
    expect((await askedAbout(done)).planned).toMatchObject({ changes: [] })
  })

  it('asks, once it was read, whether another run has decided since: then nothing is planned for', async () => {
    const kept: NewEvent[] = []
    const keep = async (event: NewEvent): Promise<void> => void kept.push(event)
    const overtaken = async () => ({ kind: 'overtaken', reason: 'run r9 has decided' }) as const
    const [here, later] = [[[host.name]], [[], [host.name]]]
    const found = await planAgain(pushed, keep, false, here, false, overtaken)
    expect(found.planned).toEqual({ kind: 'unfit', reason: 'run r9 has decided' })
    expect(kept).toHaveLength(1)
    const wave = await planAgain(pushed, keep, false, later, false, overtaken)
    expect(wave.planned).toHaveProperty('changes')
  })

  it('leaves it to `apply` to find whether another run holds it, and to wait its turn', async () => {
    const { planned } = await planAgain({ ...pushed, lock: 'r\tann@jump' })
    expect(planned).toHaveProperty('changes')
  })

  it.each<[string, Parameters<typeof planAgain>, string, RegExp]>([
    ['is lost meanwhile', [undefined], 'lost', /^the connection was lost$/],
    [
      'fails a check since',
      [{ ...pushed, 'iptables-version': 'iptables v1.8.9 (nf_tables)' }],
      'unfit',
      /^fw-run read the host again, and now it is not ready: .*nf_tables/,
    ],
    [
      'cannot be read',
      [{ ...pushed, rules: { text: 'locked', code: 4 } }],
      'unfit',
      /now it is not ready: .*iptables-save failed/,
    ],
  ])('says why not where it %s', async (_, words, kind, reason) => {
    const { participants, planned } = await planAgain(...words)
    expect(planned).toEqual({ kind, reason: expect.stringMatching(reason) })
    expect(participants.hosts()).toMatchObject([
      { examined: { plan: { changes: [{ before: [{ position: 4 }] }, {}] } } },
    ])
  })

  it('writes down only the last plan of a host whose wave has not begun, when it begins', async () => {
    const kept: NewEvent[] = []
    const keep = async (event: NewEvent): Promise<void> => void kept.push(event)
    const { participants, planned } = await planAgain(pushed, keep, false, [[], [host.name]])
    expect(planned).toMatchObject({ changes: [{ before: [{ position: 5 }] }, {}] })
    expect(kept).toEqual([{ kind: 'planned', plans: [], sequence: 1 }])
    await participants.begin(1)
    expect(JSON.stringify(kept[1])).toContain('"position":5')
    await participants.all[0]?.planAgain()
    expect(kept).toHaveLength(3)
  })

  it('does not carry out a plan that cannot be written down', async () => {
    let kept = 0
    const { participants, planned } = await planAgain(pushed, async () => {
      if (kept++ > 0) throw new Error('the journal cannot be written')
    })
    expect(planned).toEqual({ kind: 'failed', reason: 'the journal cannot be written' })
    expect(participants.hosts()).toMatchObject([
      { examined: { plan: { changes: [{ before: [{ position: 4 }] }, {}] } } },
    ])
  })
})

describe('takeIn', () => {
  it('takes no host without a plan, and leaves none out without a word', async () => {
    await expect(planAgain(guarded, undefined, false, undefined, true)).rejects.toThrow(
      'node1 has no plan',
    )
  })
})
