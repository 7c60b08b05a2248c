import { describe, expect, it } from 'vitest'
import { renderPastPage, renderRunPage } from '../../src/exports/page.ts'
import { findGuards } from '../../src/guard/forward-rule.ts'
import { planHost } from '../../src/plan/plan.ts'
import { exactSet, forward, guard, hostState, intent } from '../plan/host-state.ts'
import { drifted, fresh, hostReport, ofStatus, runReport } from '../report/run.ts'
import { clusterDocument, hostile } from './cluster.ts'
import { documentOf } from './document.ts'

describe('renderRunPage', () => {
  const page = renderRunPage(clusterDocument(3))

  it('says who ran what when, and how it came out', () => {
    expect(page).toContain('<h1>fw-run apply, 2026-11-23 04:15:00 UTC</h1>')
    expect(page).toContain('<dt>By</dt><dd>ann@jump</dd>')
    expect(page).toContain('2026-11-23 04:15:00 UTC, took 1.5 s')
    expect(page).toContain('<dd>4: 2 failed, 1 changed, 1 unreachable</dd>')
    expect(page).toMatch(
      /<p class="verdict bad">apply: rolled back because [^<]*<small>exit code \d/,
    )
  })

  it('names the hosts of each wave', () => {
    const waves = [['a'], ['b', 'c']]
    const one = renderRunPage(documentOf(runReport('done', [hostReport('a')], { waves })))
    expect(one).toContain('<dt>Waves</dt><dd>a, then b, c</dd>')
    expect(page).not.toContain('<dt>Waves</dt>')
  })

  it('shows the exact change and its undo', () => {
    const one = renderRunPage(
      documentOf(runReport('done', [hostReport('a', { changes: drifted })])),
    )
    const [, change = '', undo = ''] =
      /The change<\/p><pre>(.*?)<\/pre>.*?How to roll it back<\/p><pre>(.*?)<\/pre>/s.exec(one) ??
      []
    expect(change).toContain('- ipset add cluster_nodes 192.0.2.99')
    expect(change).toMatch(/- iptables -I FORWARD 2 .*\+ iptables -I FORWARD 4 /s)
    expect(undo).toContain('+ ipset add cluster_nodes 192.0.2.99')
    expect(undo).toMatch(/- iptables -I FORWARD 4 .*\+ iptables -I FORWARD 2 /s)
  })

  it('tells what the run changed from what apply would change after others moved the rules', () => {
    const outcome = { kind: 'committed' } as const
    const hosts = [
      hostReport('a', { outcome, made: drifted }),
      hostReport('b', { outcome, made: [], changes: fresh }),
    ]
    const document = documentOf(runReport('moved', hosts))
    const one = renderRunPage(document)
    const titles = [...one.matchAll(/<h2>(What (?:was|apply)[^<]*)<\/h2>\s*<h3>([^<]*)/g)]
    expect(titles.map(([, ...words]) => words)).toEqual([
      ['What was changed', '1 host: a'],
      ['What apply would change now', '1 host: b'],
    ])
    expect(document.hosts).toMatchObject([
      { state: 'changed', outcome, made: [{}, {}] },
      { state: 'pending', protection: 'unprotected', outcome, made: [] },
    ])
    expect(one).toContain('<span class="tag warn">pending</span>')
  })

  it('shows the rule of fw-run among the others at its position, and the good positions', () => {
    expect(page).toMatch(
      /<tr class="ours"><td class="edge"><\/td><td class="n">4<\/td><td><code>-i ens18 -m set !/,
    )
    expect(page).toMatch(/<tr class="window">/)
  })

  it('shows the rule of fw-run where it stands on each host, and says if it is only planned there', () => {
    const at = (position?: number) => {
      const state =
        position === undefined
          ? hostState(forward())
          : hostState(forward([position, guard]), exactSet)
      const plan = planHost(state, intent)
      if (plan.kind !== 'planned') throw new Error('no plan')
      const { changes, placement } = plan
      return { changes, placement, guards: findGuards(state.ruleset, 'cluster_nodes') }
    }
    const hosts = [
      hostReport('a', at(4)),
      hostReport('b', at(3)),
      hostReport('c', at()),
      hostReport('d', at(4)),
    ]
    const one = renderRunPage(documentOf(runReport('pending', hosts, ofStatus)))
    const parts = one.split('<h3>').filter((part) => part.includes('class="ours"'))
    const seen = parts.map((part) => [
      /^[^<]*/.exec(part)?.[0],
      /<tr class="ours">.*?<td class="n">(\d+)</.exec(part)?.[1],
      part.includes('where the plan puts it'),
    ])
    expect(seen).toEqual([
      ['2 hosts: a, d', '4', false],
      ['1 host: b', '3', false],
      ['1 host: c', '4', true],
    ])
  })

  it('gives a rule far from the listed ones its own number', () => {
    const base = documentOf(runReport('refused', [hostReport('a')]))
    const rules = Array.from({ length: 3 }, (_, index) => `-A FORWARD X${index}`)
    const forward = [
      { hosts: ['a'], first: 200, rules, count: 500, positions: [201], position: 201 },
    ]
    const numbers = (position: number) => {
      const hosts = base.hosts.map((host) => ({ ...host, rules: [{ position, rule: 'OURS' }] }))
      const page = renderRunPage({ ...base, forward, hosts })
      return [...page.matchAll(/<td class="n">(\d+)<\/td><td><code>([^<]+)/g)].map(
        ([, n, rule]) => `${n} ${rule}`,
      )
    }
    expect(numbers(12)).toEqual(['12 OURS', '201 X0', '202 X1', '203 X2'])
    expect(numbers(201)).toEqual(['200 X0', '201 OURS', '202 X1', '203 X2'])
    expect(numbers(400)).toEqual(['200 X0', '201 X1', '202 X2', '400 OURS'])
  })

  it('loads nothing, runs nothing, and takes no text of a host for markup', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(page).not.toMatch(/<(script|img|link|iframe)|\son\w+=[^&]*>|https?:|url\(/)
    expect(page.split('&lt;script&gt;document.title=').length).toBeGreaterThan(5)
    expect(page).not.toContain(hostile.slice(-6))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what must not be there
    expect(page).not.toMatch(/[\u001b\u202e]/)
  })

  it('stays small: equal hosts share what is equal', () => {
    const [three, many] = [page.length, renderRunPage(clusterDocument(300)).length]
    expect(many).toBeLessThan(2_000_000)
    // A host costs a row of the table of hosts, not a chain nor a traffic table.
    expect((many - three) / 297).toBeLessThan(1000)
  })
})

describe('renderPastPage', () => {
  it('is such a page of a past run', () => {
    const document = {
      ...{
        command: 'runs',
        exitCode: 0,
        started: '2026-11-24T00:00:00.000Z',
        ended: '2026-11-24T00:00:01.000Z',
      },
      past: {
        ...{ run: 'r1', command: 'apply', who: 'ann@jump', version: '0.1.0', inventory: '/i.yaml' },
        ...{ started: '2026-11-23T04:15:00.000Z', limit: null, lease: 30, hosts: [...'abcde'] },
        ...{ state: 'unfinished', words: 'UNFINISHED: died', decided: true, partlyRead: false },
        planned: [
          {
            ...{ host: 'a', address: '192.0.2.11', outcome: { kind: 'committed' } },
            changes: [
              {
                kind: 'set',
                name: 's',
                before: null,
                after: { type: 'hash:ip', members: ['192.0.2.11'] },
              },
            ],
          },
        ],
        troubles: [
          { time: '2026-11-23T04:15:02.000Z', phase: 'commit', host: 'b', detail: hostile },
        ],
        objections: [],
        ...{ waves: [['a'], ['b', 'c']], tolerated: ['d'] },
      },
    } as const
    const page = renderPastPage(document)
    expect(page).toContain('<dt>Waves</dt><dd>a, then b, c</dd>')
    expect(page).toMatch(/<td>c<\/td><td><\/td><td>not touched: the run did not reach wave 2 of 2</)
    expect(page).toMatch(/<td>d<\/td><td><\/td><td>left out: fw-run could not log in to it</)
    expect(page).toMatch(/<td>e<\/td><td><\/td><td>nothing planned</)
    const damaged = renderPastPage({
      ...document,
      past: { ...document.past, partlyRead: true },
    })
    expect(damaged).toMatch(/<td>e<\/td><td><\/td><td>not known</)
    expect(page).toContain('<p class="verdict bad">UNFINISHED: died')
    expect(page).toContain('<dd>2026-11-23 04:15:00 UTC; its end is not known</dd>')
    expect(page).toContain('+ ipset add s 192.0.2.11')
    expect(page).toContain('<td>Commit</td>')
    expect(page).not.toContain('<script>')
  })
})
