import { describe, expect, it } from 'vitest'
import type { HostState } from '../../../../src/facts/state.ts'
import { exactSet, forward, hostState } from '../../../plan/host-state.ts'
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
  /** `others`: what only other hosts have in their fw_pod_cidrs. */
  const judged = (
    given: readonly string[],
    { others = [], state }: { others?: readonly string[]; state?: HostState } = {},
  ) => {
    const own = given.length > 0 ? given : ['10.42.0.0/16']
    const texts = { links, addresses, routes }
    const about = subject({
      texts,
      ...(state && { state }),
      intent: { podCidrs: [...own, ...others] },
    })
    const settings = { ...about.host.settings, podCidrs: given }
    return resultOf('pod-networks', { ...about, host: { ...about.host, settings } })
  }

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

  it.each([[['10.42.1.0/24']], [[]]])(
    'names the other hosts where only they have the network of the nodes in fw_pod_cidrs (own: %j)',
    (given) => {
      expect(judged(given, { others: ['192.0.0.0/16'] })).toEqual({
        kind: 'fail',
        reason: expect.stringMatching(
          /^fw_pod_cidrs of other hosts contains the network of ens18 \(192\.0\.2\.0\/24\)\. So rules/,
        ),
        remedy: expect.stringMatching(/^Correct fw_pod_cidrs of the other hosts/),
      })
    },
  )

  it('names no network of other hosts where that of this host is wrong', () => {
    const result = judged(['192.0.0.0/16'], { others: ['10.50.0.0/16'] })
    expect(result).toMatchObject({ kind: 'fail', reason: expect.not.stringContaining('10.50') })
    expect(result).toMatchObject({ remedy: expect.not.stringContaining('10.50') })
  })

  it('tells a host without fw_pod_cidrs to set it where the network of the nodes is in a pool of Calico', () => {
    const sets = 'create cali40all-ipam-pools hash:net\nadd cali40all-ipam-pools 192.0.0.0/16'
    const state = hostState(forward(), `${exactSet}\n${sets}`)
    expect(judged([], { state, others: ['192.0.0.0/16'] })).toMatchObject({
      remedy: expect.stringMatching(/^Set fw_pod_cidrs to /),
    })
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
    const settings = { ...about.host.settings, podCidrs: ['192.0.0.0/16'] }
    expect(resultOf('pod-networks', { ...about, host: { ...about.host, settings } })).toMatchObject(
      {
        kind: 'fail',
        reason: expect.stringContaining('are in a pod network (192.0.0.0/16): 192.0.2.11'),
        remedy: expect.stringMatching(/^Correct fw_pod_cidrs: /),
      },
    )
    expect(resultOf('pod-networks', about)).toMatchObject({
      reason: 'fw_pod_cidrs of other hosts contains addresses of this host: 192.0.2.11',
      remedy: expect.stringMatching(/^Correct fw_pod_cidrs of the other hosts/),
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
