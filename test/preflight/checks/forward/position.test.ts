import { describe, expect, it } from 'vitest'
import { exactSet, forward, hostState } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

describe('goodPosition where pods of another host have a route by the guarded interface', () => {
  const judged = (flags: string) => {
    const routes =
      '192.0.2.0/24 dev ens18 scope link src 192.0.2.11\n10.42.1.10 dev cali1 scope link\n10.42.2.0/24 via 192.0.2.12 dev ens18'
    const links = `2: ens18: <UP>\n9: wireguard.cali: ${flags}`
    const [calico = ''] = forward()
    const state = hostState([calico, '-A FORWARD -j ACCEPT'], exactSet)
    const about = subject({ state, texts: { routes, links }, intent: { published: 'block' } })
    return resultOf('position', about)
  }

  it('names a rule that accepts them', () => {
    expect(judged('<POINTOPOINT>')).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('"pod on another host → pod here, via ens18"'),
      remedy: expect.stringContaining('-s 10.42.0.0/16 -j ACCEPT'),
    })
  })

  it('names no such rule where Calico uses WireGuard: others could forge addresses of pods', () => {
    const result = judged('<POINTOPOINT,UP>')
    expect(result).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('"pod on another host without WireGuard → pod here'),
      remedy: expect.stringMatching(/Calico uses WireGuard .* vxlanMode .* Or set fw_guard: nft/),
    })
    expect(result).toMatchObject({ remedy: expect.not.stringContaining('-j ACCEPT`') })
  })
})
