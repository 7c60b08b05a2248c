import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../lab/lab.ts'
import { withGuard } from './guarded.ts'

/** Moves all routes by the guarded interface to a table of their own, as Tailscale has its routes in table 52. The default is among them. */
const moveRoutes = `set -e
ip rule add pref 33000 lookup 52
ip -o route show dev ens18 >/run/routes
while read -r to rest; do
  ip route add table 52 $to dev ens18 $rest
done </run/routes
ip route flush dev ens18
ip route show dev ens18 | wc -l`

describe('hosts whose routes by the guarded interface are not in the main table', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ hosts: [{ backend: 'nft' }, { backend: 'nft' }], podRouting: 'bare' })
    for (const { run } of lab.hosts) {
      const moved = await run(moveRoutes)
      expect({ code: moved.code, left: moved.stdout, said: moved.stderr }).toMatchObject({
        code: 0,
        left: '0\n',
      })
    }
  })
  afterAll(() => lab.stop())

  it('keep their pods connected, and stay closed to outsiders', async () => {
    expect(await lab.pod(1).canConnect(lab.pod(2).address)).toBe(true)
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(true)
    const run = await withGuard(lab, 'nft', ['apply'])
    expect(run.stdout).toContain('apply: done, 2 of 2 hosts changed.')
    expect(await lab.pod(1).canConnect(lab.pod(2).address)).toBe(true)
    expect(await lab.outsider.canConnect(lab.pod(2).address)).toBe(false)
    expect(run.stdout.replace(/\s+/g, ' ')).toContain(
      'the main routing table has no IPv4 route by ens18',
    )
  })
})
