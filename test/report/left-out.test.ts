import { expect, it } from 'vitest'
import { jsonOfRun } from '../../src/report/run-json.ts'
import { renderText } from '../../src/report/run-text.ts'
import { hostReport, names, noPaint, runReport } from './run.ts'

it.each([
  [2, '2 hosts of the inventory, not looked at: node01, node02.'],
  [9, '9 hosts of the inventory, not looked at: node01, node02, node03, node04 and 5 more.'],
])('a run names hosts that --limit left out, a few of %i', (count, said) => {
  const report = runReport('done', [hostReport('node99')], { leftOut: names(count) })
  expect(renderText(report, false, noPaint)).toContain(`--limit left out ${said}`)
  expect(jsonOfRun(report)).toMatchObject({ leftOut: count })
})

it('a run that left none out says nothing of --limit', () => {
  const report = runReport('done', [hostReport('node1')])
  expect(renderText(report, false, noPaint).join('\n')).not.toContain('--limit')
})
