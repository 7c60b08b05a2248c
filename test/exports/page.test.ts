import { describe, expect, it } from 'vitest'
import { renderPastPage, renderRunPage } from '../../src/exports/page.ts'
import { drifted, hostReport, runReport } from '../report/run.ts'
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
      /The change<\/p><pre>(.*?)<\/pre>.*?Its undo<\/p><pre>(.*?)<\/pre>/s.exec(one) ?? []
    expect(change).toContain('- ipset add cluster_nodes 192.0.2.99')
    expect(change).toMatch(/- iptables -I FORWARD 2 .*\+ iptables -I FORWARD 4 /s)
    expect(undo).toContain('+ ipset add cluster_nodes 192.0.2.99')
    expect(undo).toMatch(/- iptables -I FORWARD 4 .*\+ iptables -I FORWARD 2 /s)
  })

  it('shows our rule among the others at its position, and the good positions', () => {
    expect(page).toMatch(
      /<tr class="ours"><td class="edge"><\/td><td class="n">4<\/td><td><code>-i ens18 -m set !/,
    )
    expect(page).toMatch(/<tr class="window">/)
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
    const page = renderPastPage({
      ...{
        command: 'runs',
        exitCode: 0,
        started: '2026-11-24T00:00:00.000Z',
        ended: '2026-11-24T00:00:01.000Z',
      },
      past: {
        ...{ run: 'r1', command: 'apply', who: 'ann@jump', version: '0.1.0', inventory: '/i.yaml' },
        ...{ started: '2026-11-23T04:15:00.000Z', limit: null, lease: 30, hosts: [...'abcde'] },
        ...{ state: 'unfinished', words: 'UNFINISHED: died', decided: true },
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
    })
    expect(page).toContain('<dt>Waves</dt><dd>a, then b, c</dd>')
    expect(page).toMatch(/<td>c<\/td><td><\/td><td>not touched: the run did not reach wave 2 of 2</)
    expect(page).toMatch(/<td>d<\/td><td><\/td><td>left out: it could not be reached</)
    expect(page).toMatch(/<td>e<\/td><td><\/td><td>nothing planned</)
    expect(page).toContain('<p class="verdict bad">UNFINISHED: died')
    expect(page).toContain('<dd>2026-11-23 04:15:00 UTC; its end is not known</dd>')
    expect(page).toContain('+ ipset add s 192.0.2.11')
    expect(page).toContain('<td>Commit</td>')
    expect(page).not.toContain('<script>')
  })
})
