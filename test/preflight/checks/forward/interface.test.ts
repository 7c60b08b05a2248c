import { describe, expect, it } from 'vitest'
import { resultOf, subject } from '../../subject.ts'

describe('guardedInterface on a port of a VRF', () => {
  const links = '2: ens18: <UP> mtu 1500 master blue\n3: blue: <NOARP,MASTER,UP>'
  const judged = (id: 'interface' | 'unguarded-interfaces', ...interfaces: readonly string[]) =>
    resultOf(id, subject({ texts: { links }, intent: { interfaces } }))

  it('fails, because packets come to FORWARD by the VRF', () => {
    expect(judged('interface', 'ens18')).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('In FORWARD, its packets come in by blue'),
      remedy: expect.stringMatching(
        /^Set fw_interface to blue for that host\. Or set fw_guard: nft/,
      ),
    })
  })

  it('takes the VRF, which has the addresses of its ports, and then wants nothing of the ports', () => {
    expect(judged('interface', 'blue')).toEqual({ kind: 'pass' })
    expect(judged('unguarded-interfaces', 'blue')).toEqual({ kind: 'pass' })
  })
})
