import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NftIntent } from '../../../../src/guard/intent.ts'
import { tableText } from '../../../../src/guard/nft-table.ts'
import { maxJsonBytes } from '../../../../src/limits.ts'
import { parseTable } from '../../../../src/nft/printed-table.ts'
import { planHost } from '../../../../src/plan/plan.ts'
import { beginRun } from '../../../../src/runs/run.ts'
import { heldToPlan, planToKeep, planToSave } from '../../../../src/stages/changing/saved-plan.ts'
import type { ExaminedHost } from '../../../../src/stages/examine.ts'
import { exactSet, forward, guard, hostState, intent } from '../../../plan/host-state.ts'
import { host } from '../../../preflight/subject.ts'
import { runReport } from '../../../report/run.ts'

type InventoryToSave = Parameters<typeof planToSave>[1]['inventory']
type Intent = NonNullable<ExaminedHost['examined']>['intent']

/** An examined host of that name, with a plan for it. */
function examined(
  name: string,
  state = hostState(forward()),
  wanted: Intent = intent,
): ExaminedHost {
  const opened = { host: { ...host, name }, findings: [], link: undefined, facts: undefined }
  return { ...opened, examined: { state, intent: wanted, plan: planHost(state, wanted) } }
}

const wantedTable: NftIntent = {
  ...{ kind: 'nft', set: 'cluster_nodes', members: intent.members, interfaces: ['ens18'] },
  ...{
    action: 'REJECT',
    podCidrs: ['10.42.0.0/16'],
    otherPods: [],
    serviceCidrs: [],
    barePods: [],
  },
  ...{ form: 'prerouting', network: intent.network, persist: false },
}

const viewer = { emit: () => {}, flushed: async () => {} }
const run = beginRun('apply', 8, viewer, new AbortController().signal)
const pending = runReport('pending', [])

describe('heldToPlan', () => {
  let folder: string
  let file: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fw-run-plan-'))
    file = join(folder, 'plan.json')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** Why hosts are refused that were planned for `then` and are `now`. */
  async function objections(
    then: readonly ExaminedHost[],
    now: readonly ExaminedHost[],
    tolerated: readonly ExaminedHost[] = [],
  ): Promise<readonly string[]> {
    const inventory = { origin: '/i.yaml' } as InventoryToSave
    const text = planToSave(pending, { examined: then, inventory, tolerated }, run)
    writeFileSync(file, text?.() ?? '')
    const held = heldToPlan(pending, { examined: now }, await planToKeep(file))
    expect(held.approved).toBe(true)
    expect(held.kind).toBe(held.objections.length === 0 ? 'pending' : 'refused')
    return held.objections.map(({ host = '-', reason }) => `${host}: ${reason}`)
  }

  it('lets a run go on while all is as in the plan', async () => {
    expect(
      await objections([examined('a'), examined('b')], [examined('b'), examined('a')]),
    ).toEqual([])
  })

  it('says of a host that was down when the plan was made, and is up now, that the plan leaves it out', async () => {
    expect(await objections([examined('a')], [examined('a')], [examined('b')])).toEqual([])
    expect(
      await objections([examined('a')], [examined('a'), examined('b')], [examined('b')]),
    ).toEqual([
      "b: the host was down when the plan was made, so the plan does not have it. Now the host is up. To use this plan, leave the host out: `--limit '!b'`, or add `:!b` to your --limit",
    ])
  })

  it.each([
    [
      'a rule that came',
      examined('a', hostState(forward([1, '-A FORWARD -s 203.0.113.7/32 -j DROP']))),
      'a: changed since the plan was made: FORWARD',
    ],
    [
      'a rule that went',
      examined('a', hostState(forward().slice(0, 3))),
      /^a: changed since the plan was made: FORWARD/,
    ],
    [
      'the guard put there by hand',
      examined('a', hostState(forward([4, guard]), exactSet)),
      'a: changed since the plan was made: FORWARD, set cluster_nodes',
    ],
    [
      'a new member',
      examined('a', hostState(forward()), {
        ...intent,
        members: [...intent.members, '192.0.2.13'],
      }),
      'a: changed since the plan was made: members (new: 192.0.2.13)',
    ],
    [
      'another action',
      examined('a', hostState(forward()), { ...intent, action: 'DROP' }),
      'a: fw_action is now DROP; in the plan it is REJECT',
    ],
    [
      'pod networks that the host has found',
      examined('a', hostState(forward()), { ...intent, podCidrs: ['10.99.0.0/16'] }),
      /^a: changed since the plan was made: pod networks \(new: 10\.99\.0\.0\/16; gone: /,
    ],
    [
      'another guard, without what only that guard has',
      examined('a', hostState(forward()), wantedTable),
      'a: the guard is now nft; in the plan it is forward',
    ],
    [
      'another address',
      { ...examined('a'), host: { ...host, name: 'a', address: '192.0.2.99' } },
      /^a: its address is now 192\.0\.2\.99; in the plan it is /,
    ],
    ['another name', examined('z'), 'z: the plan does not name this host'],
  ])('refuses %s, and names it', async (_, now, reason) => {
    const [first = ''] = await objections([examined('a')], [now])
    expect(first).toMatch(reason)
    if (typeof reason === 'string') expect(first).toBe(reason)
  })

  it('refuses a host that has left the inventory, or that --limit leaves out', async () => {
    expect(await objections([examined('a'), examined('b')], [examined('a')])).toEqual([
      '-: the plan has hosts that this run does not have: b',
    ])
  })

  it('does not mind counters that go on', async () => {
    const standing = tableText({ ...wantedTable, members: [] })
    const counted = (packets: number): ExaminedHost => {
      const text = standing.replace(/packets \d+ bytes \d+/g, `packets ${packets} bytes ${packets}`)
      const table = parseTable(`table inet fw_run {${text}}`)
      return examined('a', { ...hostState(forward()), table }, wantedTable)
    }
    expect(counted(7).examined?.plan).toMatchObject({
      kind: 'planned',
      changes: [{ kind: 'table' }],
    })
    expect(await objections([counted(0)], [counted(7)])).toEqual([])
  })

  it('takes a set with the same members for the same, whatever a kernel chose for it', async () => {
    const made = (chosen: string, ...members: readonly string[]) =>
      examined(
        'a',
        hostState(
          forward([4, guard]),
          [
            `create cluster_nodes hash:ip family inet ${chosen}`,
            ...members.map((member) => `add cluster_nodes ${member}`),
          ].join('\n'),
        ),
      )
    const first = made('hashsize 1024 maxelem 65536 initval 0x1', '192.0.2.9', '192.0.2.10')
    const again = made(
      'hashsize 2048 maxelem 65536 bucketsize 12 initval 0x2',
      '192.0.2.10',
      '192.0.2.9',
    )
    expect(first.examined?.plan).toMatchObject({
      changes: [{ kind: 'set', before: { type: 'hash:ip family inet maxelem 65536' } }],
    })
    expect(again.examined?.plan).toEqual(first.examined?.plan)
    expect(await objections([first], [again])).toEqual([])
  })

  it('makes no plan that it could not read again', () => {
    const inventory = { origin: 'x'.repeat(maxJsonBytes) } as InventoryToSave
    const text = planToSave(pending, { examined: [], inventory }, run)
    expect(text).toThrow(/would be larger than 100 MB, the most that --plan reads/)
  })

  it.each([
    ['{}', /is not a complete plan of fw-run/],
    ['{"fwRunPlan": 1, "plans": [', /is not a complete plan of fw-run/],
    ['{"fwRunPlan": 2}', /another version of fw-run \(format 2/],
  ])('refuses a file that is no plan: %s', async (text, why) => {
    writeFileSync(file, text)
    await expect(planToKeep(file)).rejects.toMatchObject({
      ...{ code: 'usage', message: expect.stringMatching(why) },
    })
  })

  it('makes no plan of a run that is refused', () => {
    const inventory = { origin: '/i.yaml' } as InventoryToSave
    expect(planToSave(runReport('refused', []), { examined: [], inventory }, run)).toBeUndefined()
  })
})
