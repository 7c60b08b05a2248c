import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { openTerminal } from './terminal.ts'

describe('a terminal of 24 lines', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 3 })
  })
  afterAll(() => lab.stop())

  it.each([
    ['preflight', /^exit code 0/m],
    ['status', /^exit code 3/m],
    ['apply --check', /^exit code 3/m],
    ['apply --ask', /^Change 3 hosts\?/m],
    ['apply --ask --diff', /^Change 3 hosts\?/m],
    ['apply --confirm 3000', /^Keep the change\?/m],
  ])(
    'shows in the end of %s what is changed, before what becomes of traffic',
    async (words, end) => {
      const terminal = await openTerminal(lab, words.split(' '))
      await terminal.shows(end)
      const [before = ''] = (await terminal.screen()).split('\nTRAFFIC\n')
      await terminal.close()
      expect(before).toMatch(/^(TO BE CHANGED|CHANGED|UNPROTECTED.*)\n {2}3 hosts: /m)
      expect(before).toMatch(/\b12\b.*--match-set cluster_nodes src/)
    },
  )
})
