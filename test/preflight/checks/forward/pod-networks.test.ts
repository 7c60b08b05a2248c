import { describe, expect, it } from 'vitest'
import { forward, hostState } from '../../../plan/host-state.ts'
import { resultOf, subject } from '../../subject.ts'

const addresses = '2: ens18    inet 192.0.2.11/24 scope global ens18'
const routes = [
  'default via 192.0.2.1 dev ens18',
  '192.0.2.0/24 dev ens18 proto kernel scope link src 192.0.2.11',
  '192.0.9.10 dev cali1 scope link',
  '192.0.77.64/26 via 192.0.77.64 dev vxlan.calico onlink',
].join('\n')
const links = '2: ens18: <UP>\n3: vxlan.calico: <UP>\n4: cali1: <UP>'

describe('pod-networks', () => {
  const judged = (podCidrs: readonly string[], state = hostState(forward())) =>
    resultOf(
      'pod-networks',
      subject({ texts: { links, addresses, routes }, state, intent: { podCidrs } }),
    )

  it('fails where the subnet of the nodes is in a pod network, and passes with what the remedy says', () => {
    const result = judged(['192.0.0.0/16'])
    expect(result).toMatchObject({
      kind: 'fail',
      reason: expect.stringMatching(
        /^the network of ens18 \(192\.0\.2\.0\/24\) is in a pod network/,
      ),
    })
    const remedy = result.kind === 'fail' ? result.remedy : ''
    expect(remedy).toContain('without 192.0.2.0/24, where that host has an address')
    const [, list = ''] = /^Set fw_pod_cidrs to (\[.+\]):/.exec(remedy) ?? []
    expect(JSON.parse(list)).toHaveLength(8)
    expect(judged(JSON.parse(list))).toEqual({ kind: 'pass' })
  })

  it('keeps the IPv6 networks of fw_pod_cidrs in the list that it names', () => {
    const about = subject({
      texts: { links, addresses, routes },
      intent: { podCidrs: ['192.0.0.0/16'] },
    })
    const settings = { ...about.host.settings, podCidrs: ['192.0.0.0/16', 'fd00:1::/48'] }
    expect(resultOf('pod-networks', { ...about, host: { ...about.host, settings } })).toMatchObject(
      { remedy: expect.stringContaining('"fd00:1::/48"') },
    )
  })

  it('never advises to accept a pod network as source where the subnet of the nodes is in it', () => {
    const about = subject({
      texts: { links, addresses, routes },
      state: hostState(forward().filter((rule) => !rule.includes('-s 10.42'))),
      intent: { podCidrs: ['192.0.0.0/16'] },
    })
    expect(resultOf('position', about)).toEqual({ kind: 'pass' })
  })

  it('fails for an address of the host, where no network of its own is known', () => {
    const about = subject({
      texts: { links, addresses: '2: ens18    inet 192.0.2.11/32 scope global', routes: '' },
      intent: { podCidrs: ['192.0.0.0/16'] },
    })
    expect(resultOf('pod-networks', about)).toMatchObject({
      kind: 'fail',
      reason: expect.stringContaining('are in a pod network (192.0.0.0/16): 192.0.2.11'),
      remedy: expect.stringMatching(/^Correct fw_pod_cidrs/),
    })
  })

  it('passes where the inventory also names the address of a tunnel of pods', () => {
    const tunnel = '3: vxlan.calico    inet 10.42.1.0/32 scope global'
    const about = subject({ texts: { links, addresses: `${addresses}\n${tunnel}`, routes } })
    const settings = { ...about.host.settings, addresses: ['192.0.2.11', '10.42.1.0'] }
    const named = { ...about, host: { ...about.host, settings } }
    expect(resultOf('pod-networks', named)).toEqual({ kind: 'pass' })
  })

  it('passes for a pod network that is a part of the subnet, and for a further member that is a pod', () => {
    expect(judged(['192.0.2.128/25'])).toEqual({ kind: 'pass' })
    const about = subject({ intent: { members: ['192.0.2.11', '10.42.1.10'] } })
    expect(resultOf('pod-networks', about)).toEqual({ kind: 'pass' })
  })
})
