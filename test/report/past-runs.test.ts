import { describe, expect, it } from 'vitest'
import { jsonOfPastRuns, renderPastRuns } from '../../src/report/past-runs.ts'
import { begun, ended, outcomes, pastRunOf, planned } from '../journal/runs.ts'
import { contentOf } from './contract.ts'
import { noPaint } from './run.ts'

const inPipe = { paint: noPaint, columns: undefined }
const onTerminal = { paint: noPaint, columns: 80 }
const decided = { kind: 'decided' } as const
const done = pastRunOf(begun, planned, decided, outcomes(), ended)
const mixed = pastRunOf(begun, planned, decided, {
  ...{ kind: 'step', phase: 'commit', host: 'node2', ok: true },
})

describe('renderPastRuns', () => {
  it('is a table', () => {
    expect(
      renderPastRuns([mixed, done], true, inPipe).join('\n'),
    ).toBe(`RUN (UTC)             COMMAND  WHO       HOSTS  OUTCOME
20261123-041500-3f9a  apply    ann@jump  3      UNFINISHED: died
20261123-041500-3f9a  apply    ann@jump  3      changed 2 of 3`)
  })

  it('fits into a terminal: names are cut, and outcomes are wrapped and never cut', () => {
    const who = 'administrator@jump.example.com'
    const words = `rolled back: probe command ${'kubectl get nodes | '.repeat(5)}wc -l`
    const long = pastRunOf({ ...begun, who }, planned, outcomes(), { ...ended, words })
    const lines = renderPastRuns([long], true, onTerminal)
    for (const line of lines) expect(line.length).toBeLessThan(81)
    expect(lines[1]).toMatch(/administrator@j… {2}3 {6}rolled back/)
    expect(lines.slice(1).join(' ').replace(/ +/g, ' ')).toContain(words)
    expect(renderPastRuns([long], true, { ...onTerminal, columns: 60 })[2]).toMatch(
      /^ {6}rolled back/,
    )
    expect(renderPastRuns([long], true, inPipe)[1]).toContain(words)
  })

  it('lists the last twenty, and older ones only if they are open', () => {
    const lines = renderPastRuns([...Array(30).fill(done), mixed, done], true, onTerminal)
    expect(lines).toHaveLength(1 + 20 + 1 + 1)
    expect(lines.at(-2)).toContain('UNFINISHED')
    expect(lines.at(-1)).toBe('11 older: `fw-run runs --output json` has all.')
  })

  it('says that there are none', () => {
    expect(renderPastRuns([], true, inPipe)).toEqual([
      'No runs yet of this user on this jump host.',
    ])
  })

  it('does not say so where fw-run could not read all', () => {
    expect(renderPastRuns([], false, inPipe)).toEqual([
      'fw-run can read no past run: see the warnings.',
    ])
  })
})

describe('jsonOfPastRuns', () => {
  it('tells of each run', () => {
    expect(contentOf('runs', jsonOfPastRuns([mixed]))).toMatchObject({
      runs: [{ run: '20261123-041500-3f9a', command: 'apply', state: 'unfinished' }],
    })
  })
})
