import { describe, expect, it } from 'vitest'
import type { Intent } from '../../src/guard/intent.ts'
import { tableText } from '../../src/guard/nft-table.ts'
import { parseTable } from '../../src/nft/printed-table.ts'
import { undoOf } from '../../src/plan/change.ts'
import { differences, leftOf } from '../../src/plan/left-after-rollback.ts'
import { planHost } from '../../src/plan/plan.ts'
import { nftIntent, printed } from '../guard/nft-intent.ts'
import { exactSet, forward, guard, hostState, intent } from './host-state.ts'

const withTable = (text: string, ...others: Parameters<typeof hostState>) => ({
  ...hostState(...others),
  table: parseTable(text) ?? expect.fail('no table'),
})
const guarded = hostState(forward([4, guard]), exactSet)

function changesOn(state: ReturnType<typeof hostState>, wanted: Intent) {
  const plan = planHost(state, wanted)
  return plan.kind === 'planned' ? plan.changes : expect.fail(plan.reason)
}

describe('planHost for a table', () => {
  it('makes it where there is none', () => {
    expect(changesOn(hostState(forward()), nftIntent)).toEqual([
      { kind: 'table', before: undefined, after: tableText(nftIntent) },
    ])
  })

  it('is converged with the table that nft prints of it', () => {
    expect(changesOn(withTable(printed, forward()), nftIntent)).toEqual([])
  })

  it('replaces one that differs, with its counters', () => {
    const state = withTable(printed.replace('192.0.2.12', '192.0.2.13'), forward())
    expect(changesOn(state, nftIntent)).toEqual([
      {
        kind: 'table',
        before: state.table.text,
        after: expect.stringContaining('counter packets 7 bytes 99 reject'),
      },
    ])
  })

  it('replaces one of an older fw-run, which stops errors of routers', () => {
    const older = printed.replaceAll(/.* ct state related accept\n/g, '')
    expect(older).not.toBe(printed)
    expect(changesOn(withTable(older, forward()), nftIntent)).toMatchObject([
      { kind: 'table', after: expect.stringContaining('counter packets 7 bytes 99 reject') },
    ])
  })

  it('puts the table in before rule and set go, and rolls back the other way round', () => {
    const changes = changesOn(guarded, nftIntent)
    expect(changes.map(({ kind }) => kind)).toEqual(['table', 'rules', 'set'])
    expect(undoOf(changes).map(({ kind }) => kind)).toEqual(['set', 'rules', 'table'])
  })

  it('puts set and rule in before the table goes', () => {
    const changes = changesOn(withTable(printed, forward()), intent)
    expect(changes.map(({ kind }) => kind)).toEqual(['set', 'rules', 'table'])
    expect(changes.at(-1)).toMatchObject({ after: undefined })
  })

  it('removes whatever guard there is', () => {
    const remove = { kind: 'remove', set: intent.set } as const
    const both = withTable(printed, forward([4, guard]), exactSet)
    expect(changesOn(both, remove).map(({ kind }) => kind)).toEqual(['rules', 'set', 'table'])
  })

  it('never touches a table of another program', () => {
    const theirs = withTable('table inet fw_run {\n\tchain theirs {\n\t}\n}', forward())
    expect(planHost(theirs, nftIntent)).toMatchObject({ kind: 'refused', over: 'table' })
    expect(changesOn(theirs, { kind: 'remove', set: intent.set })).toEqual([])
  })

  it.each([
    ['to replace', nftIntent],
    ['to give way to the rule', intent],
    ['to be removed', { kind: 'remove', set: intent.set }],
  ] as const)('refuses a table of ours that is %s if its undo cannot be sent', (_, wanted) => {
    for (const word of ['ens\ufffd', 'a\tb']) {
      const odd = withTable(printed.replace('"ens18"', `"${word}"`), forward())
      expect(planHost(odd, wanted)).toMatchObject({ kind: 'refused', over: 'table' })
    }
  })
})

describe('a rollback of a table', () => {
  it('is complete where it does the same, whatever its counters say', () => {
    const before = withTable(printed, forward())
    const after = withTable(printed.replace('packets 7', 'packets 9'), forward())
    expect(differences(before, after, intent.set)).toEqual([])
  })

  it('is not complete where it is gone or another', () => {
    const before = withTable(printed, forward())
    expect(differences(before, hostState(forward()), intent.set)).toEqual([
      expect.stringContaining('table inet fw_run is now: missing'),
    ])
    const changes = changesOn(hostState(forward()), nftIntent)
    expect(leftOf(changes, before, intent.set)).toEqual([
      expect.stringContaining('before: missing'),
    ])
  })
})
