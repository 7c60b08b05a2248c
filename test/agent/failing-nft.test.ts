import { describe, expect } from 'vitest'
import type { Step } from '../../src/agent/agent.ts'
import { guardTable } from '../../src/agent/names.ts'
import type { Sections } from '../../src/agent/sections.ts'
import { long } from '../rounds.ts'
import { talkTo } from './conversation.ts'
import { type Host, itOnHost, shells } from './host-in-namespace.ts'
import { sleeping } from './slow-iptables.ts'

const set = 'cluster_nodes'
const owner = { run: 'run-1', who: 'test' }

const admitting = (member: string): string => `chain outsider {
    ct direction reply accept
    counter reject
  }
  chain prerouting { type filter hook prerouting priority -155; policy accept
    iifname "ens18" ip daddr 10.42.0.0/16 ip saddr != { 192.0.2.11, ${member} } jump outsider
  }`

const old = admitting('192.0.2.12')
const wanted: Step = { kind: 'table', after: admitting('192.0.2.13') }

/** What becomes of one call of nft: it fails, hangs, or somebody else deletes or edits all tables before or after it. */
const deeds = {
  'fails before it does anything': 'echo broken for the test >&2; exit 4',
  'fails after it is done': '"$real" "$@"; echo broken for the test >&2; exit 4',
  'comes after a flush of all tables': '"$real" flush ruleset; exec "$real" "$@"',
  'comes before a flush of all tables': '"$real" "$@"; code=$?; "$real" flush ruleset; exit $code',
  'comes after an edit by hand':
    '"$real" insert rule inet fw_run outsider accept 2>/dev/null; exec "$real" "$@"',
  'comes before an edit by hand':
    '"$real" "$@"; code=$?; "$real" insert rule inet fw_run outsider accept 2>/dev/null; exit $code',
} as const

/** Puts a wrapper before nft that does this at the `at`-th call from now on. The words of that call are in /run/watch/hit. */
function meddleAt(host: Host, at: number, deed: string): void {
  host.run(
    'mkdir -p /run/watch; rm -f /run/watch/hit; echo 0 >/run/watch/count; cat >/usr/local/sbin/nft; chmod +x /usr/local/sbin/nft',
    `#!/bin/sh
real=/usr/sbin/nft
read -r count </run/watch/count
echo $((count += 1)) >/run/watch/count
[ $count = ${at} ] || exec "$real" "$@"
echo "$*" >/run/watch/hit
${deed}
`,
  )
}

function mend(host: Host): void {
  host.run('rm -f /usr/local/sbin/nft')
}

/** Gives a host the old table, and no other. */
function give(host: Host): void {
  host.run(
    '/usr/sbin/nft flush ruleset; /usr/sbin/nft -f /dev/stdin',
    `table ${guardTable} {\n${old}\n}\n`,
  )
}

/** The words of the call that was meddled with; empty if it was not reached. */
function hit(host: Host): string {
  return host.run('cat /run/watch/hit 2>/dev/null || :').trim()
}

/** Our table as nft prints it without counters; empty where there is none. */
function standing(host: Host): string {
  return host.run(`/usr/sbin/nft -s list table ${guardTable} 2>/dev/null || :`).trim()
}

function tableIn(sections: Sections): string | undefined {
  const section = sections.get('table')
  return section?.code === 0
    ? section.text.trim().replace(/counter packets \d+ bytes \d+/g, 'counter')
    : undefined
}

function undoOf(table: string): Step {
  const after = table === '' ? undefined : table.split('\n').slice(1, -1).join('\n')
  return { kind: 'table', after }
}

/** What came of a run, in which of its requests somebody meddled with nft, and the table that it read at first and at last. */
interface Outcome {
  readonly kind: string
  readonly during: 'facts' | 'apply' | 'rollback' | 'nothing'
  readonly read: string
  readonly left?: string | undefined
}

/** Reads a host, changes its table and rolls that back. */
async function runOn(host: Host, edit?: (program: string) => string): Promise<Outcome> {
  const { agent, leave } = await talkTo(host, owner.run, owner.who, 30, edit, 'nft')
  try {
    const facts = await agent.facts(set)
    if (facts.kind === 'lost') throw new Error(facts.reason)
    const read = tableIn(facts.sections)
    const inFacts = hit(host) !== ''
    if (read === undefined) return { kind: 'unread', during: 'facts', read: '' }
    const fingerprint = facts.sections.get('fingerprint')?.text.trim() ?? ''
    const change = { set, owner, fingerprint, lease: 30, changes: [wanted], undo: [undoOf(read)] }
    const applied = await agent.apply(change)
    const during = inFacts ? 'facts' : hit(host) === '' ? 'rollback' : 'apply'
    if (applied.kind !== 'applied' && applied.kind !== 'failed') {
      return { kind: applied.kind, during, read }
    }
    const first = await agent.rollBack(set, owner)
    const reached = hit(host) !== ''
    mend(host)
    const last = first.kind === 'rolled-back' ? first : await agent.rollBack(set, owner)
    const left = last.kind === 'rolled-back' ? tableIn(last.state) : undefined
    return { kind: last.kind, during: reached ? during : 'nothing', read, left }
  } finally {
    await leave()
  }
}

const tried = Object.entries(shells).filter(([name]) => long || name === 'dash')

describe.concurrent.each(tried)(
  'the table of fw-run under %s, where one call of nft',
  (_, command) => {
    const it = itOnHost(command)

    it.for(Object.entries(deeds))('%s', async ([title, deed], { host }) => {
      const seen = new Set<string>()
      for (let at = 1, during = ''; during !== 'nothing'; at++) {
        give(host)
        const before = standing(host)
        meddleAt(host, at, deed)
        const outcome = await runOn(host)
        during = outcome.during
        const where = `call ${at}: ${JSON.stringify([hit(host), outcome])}`
        mend(host)
        seen.add(during)
        const after = standing(host)
        if (title.startsWith('fails')) expect(after, where).toBe(before)
        else if (outcome.kind !== 'rolled-back') expect(outcome.kind, where).toMatch(untouched)
        else if (during !== 'rollback') expect(after, where).toBe(outcome.read)
        // What others do after the host has told how it is, is for the next run to read.
        else if (title.startsWith('comes after')) expect(after, where).toBe(outcome.left)
        expect(host.leftovers(), where).toBe('')
      }
      expect([...seen]).toEqual(['facts', 'apply', 'rollback', 'nothing'])
    })

    it('hangs', async ({ host }) => {
      const seen = new Set<string>()
      for (let at = 1, during = ''; during !== 'nothing'; at++) {
        give(host)
        const before = standing(host)
        meddleAt(host, at, `exec sleep ${pause}`)
        const outcome = await runOn(host, (program) =>
          program.replace('\nlimit=20\n', '\nlimit=1\n'),
        )
        during = outcome.during
        mend(host)
        seen.add(during)
        expect(standing(host), `call ${at}: ${JSON.stringify(outcome)}`).toBe(before)
        expect(sleeping(host, pause)).toBe('')
        expect(host.leftovers()).toBe('')
      }
      expect([...seen]).toEqual(['facts', 'apply', 'rollback', 'nothing'])
    })
  },
)

/** Kinds of answers after which nothing of ours was changed: the next run reads what others did. */
const untouched = /^(unread|stale|untouched)$/

const pause = '334.25'
