import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { rounds } from '../rounds.ts'
import { fwRun, guards } from './fw-run.ts'

describe('an apply and a remove at once, on hosts of which some are protected', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: 4 })
  })
  afterAll(() => lab?.stop())

  it('leave all hosts alike, and one that gives way says why', async () => {
    for (let round = 0; round < rounds(2, 8); round++) {
      await fwRun(lab, ['remove'])
      await fwRun(lab, ['apply', '--limit', 'node1:node3'])
      const both = await Promise.all([fwRun(lab, ['apply']), fwRun(lab, ['remove'])])
      const hostsToProtect = await Promise.all(
        lab.hosts.map(async ({ name }) => (await guards(lab, name)).length),
      )
      expect(new Set(hostsToProtect).size, JSON.stringify(both)).toBe(1)
      expect(both.some(({ code }) => code === 0)).toBe(true)
      for (const { code, stdout } of both) {
        expect([0, 2]).toContain(code)
        if (code === 2) expect(stdout).toMatch(/another run holds this host|again and again/)
      }
    }
  })
})
