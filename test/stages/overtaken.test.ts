import { expect, it } from 'vitest'
import { exitCode } from '../../src/outcomes/exit-code.ts'
import { changedSince, unlessOvertaken } from '../../src/stages/overtaken.ts'
import { runReport } from '../report/run.ts'

const gone = changedSince({ files: new Map([['/nowhere/hosts.yaml', 'a']]) })

it.each(['pending', 'done'] as const)(
  'a run whose inventory was changed since is refused, if it is %s',
  async (kind) => {
    const found = await unlessOvertaken(runReport(kind, []), { check: false }, gone)
    expect(found).toMatchObject({
      kind: 'refused',
      objections: [
        {
          kind: 'overtaken',
          reason:
            '/nowhere/hosts.yaml was changed, deleted or made unreadable after fw-run read it',
        },
      ],
    })
    expect(exitCode(found)).toBe(2)
  },
)

it('a run that changes nothing in any case is not refused for that', async () => {
  const pending = runReport('pending', [])
  expect(await unlessOvertaken(pending, { check: true }, gone)).toBe(pending)
  const declined = runReport('declined', [])
  expect(await unlessOvertaken(declined, { check: false }, gone)).toBe(declined)
})
