import { describe, expect, it } from 'vitest'
import { legitimateFlows } from '../../../src/placement/flows/legitimate-flows.ts'
import { outsidersOn } from '../../../src/placement/host/outsiders.ts'
import { podsOf } from '../../../src/placement/host/pods.ts'
import { type HostOfTest, modelOf } from '../host/model.ts'

/** The flows of one title, as `SOURCE → DESTINATION, IN → OUT, PROTOCOL`; of ICMP with its type and code. */
function flows(title: string, about: HostOfTest = {}): readonly string[] {
  const model = modelOf(about)
  return legitimateFlows(model, outsidersOn(model, 'ens18'), podsOf(model), 'ens18')
    .filter((flow) => flow.title === title)
    .map(({ packet, invented }) => {
      const ends = `${packet.source} → ${packet.destination}, ${packet.in} → ${packet.out}`
      const icmp = packet.icmpType === undefined ? '' : ` ${packet.icmpType}/${packet.icmpCode}`
      return `${ends}, ${packet.protocol}${icmp}${invented ? ', invented' : ''}`
    })
}

const subnet = '192.0.2.0/24 dev ens18 scope link src 192.0.2.11'
const pod = '10.42.1.10 dev cali1 scope link'

describe('legitimateFlows', () => {
  it('has one from a node of each kind that rules tell apart, but not from the host itself', () => {
    const wanted = { members: ['192.0.2.11', '192.0.2.12', '192.0.2.13', '192.0.2.14'] }
    expect(flows('node → pod here', { wanted })).toEqual([
      '192.0.2.12 → 10.42.1.10, ens18 → cali1, tcp',
    ])
    const rules = ['FORWARD -s 192.0.2.13/32 -j DROP']
    expect(flows('node → pod here', { wanted, rules })).toEqual([
      '192.0.2.12 → 10.42.1.10, ens18 → cali1, tcp',
      '192.0.2.13 → 10.42.1.10, ens18 → cali1, tcp',
    ])
  })

  it('has one from pods behind a tunnel, and one of each protocol from bare pods', () => {
    expect(flows('pod on another host → pod here, via flannel.1')).toEqual([
      '10.42.2.10 → 10.42.1.10, flannel.1 → cali1, tcp',
    ])
    const routes = [subnet, pod, '10.42.2.0/24 via 192.0.2.12 dev ens18']
    expect(flows('pod on another host → pod here, via ens18', { routes })).toEqual(
      ['tcp', 'udp', 'icmp 8/0'].map((name) => `10.42.2.10 → 10.42.1.10, ens18 → cali1, ${name}`),
    )
  })

  it('has replies of each protocol from each outsider, and an error', () => {
    const found = flows('reply from outsider → pod here')
    expect(found).toEqual(
      ['192.0.2.254', '203.0.113.77'].flatMap((source) =>
        ['tcp', 'udp', 'icmp 0/0', 'icmp 3/4'].map(
          (name) => `${source} → 10.42.1.10, ens18 → cali1, ${name}`,
        ),
      ),
    )
  })

  it('has one from a pod to an outsider', () => {
    expect(flows('pod here → outsider')).toEqual(['10.42.1.10 → 192.0.2.254, cali1 → ens18, tcp'])
  })

  it('has flows of an invented pod only if there is no real one', () => {
    expect(flows('pod here → outsider', { routes: [subnet] })).toEqual([
      '10.42.0.10 → 192.0.2.254, cali+ → ens18, tcp, invented',
    ])
    const rules = ['FORWARD -d 10.42.77.7/32 -j ACCEPT']
    expect(flows('pod here → outsider', { rules })).toHaveLength(1)
  })

  it('has replies to a container only if they get through today', () => {
    const about = {
      interfaces: ['ens18 192.0.2.11', 'docker0 172.17.0.1'],
      routes: [subnet, pod, '172.17.0.0/16 dev docker0 scope link'],
    }
    const title = 'reply from outsider → container'
    expect(flows(title, about)).toEqual([])
    const rules = ['FORWARD -o docker0 -p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT']
    expect(flows(title, { ...about, rules })).toEqual([
      '192.0.2.254 → 172.17.0.10, ens18 → docker0, tcp',
      '203.0.113.77 → 172.17.0.10, ens18 → docker0, tcp',
    ])
  })
})
