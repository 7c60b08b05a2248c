import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readPlanFile } from '../../../../src/stages/changing/plans/plan-file.ts'

describe('the file of --plan', () => {
  it('is refused where it never ends', async () => {
    await expect(readPlanFile('/dev/zero')).rejects.toMatchObject({
      code: 'usage',
      message: '--plan /dev/zero cannot be read: it is too large. fw-run connected to no host.',
    })
  })

  it('is refused where it is missing, cut off, or of another version', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fw-run-plan-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'plan.json')
    await expect(readPlanFile(file)).rejects.toThrow(`--plan ${file} does not exist.`)
    for (const [text, why] of [
      ['{"fwRunPlan": 1, "hosts": [', 'is not a complete plan of fw-run'],
      ['', 'is not a complete plan of fw-run'],
      ['{"fwRunPlan": 2}', 'is a plan of another version of fw-run (format 2,'],
    ] as const) {
      await writeFile(file, text)
      await expect(readPlanFile(file)).rejects.toThrow(`--plan ${file} ${why}`)
    }
  })
})
